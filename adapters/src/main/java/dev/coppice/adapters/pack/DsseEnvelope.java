package dev.coppice.adapters.pack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * An in-toto statement with a signature: a DSSE envelope (secure-systems-lab/dsse, version 1.0.2). What is signed is PAE of
 * type and payload, which begins unlike every message of our own.
 */
final class DsseEnvelope {
    private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
    private static final int SIGNATURES_MAX = 16;

    private DsseEnvelope() {}

    static byte[] sign(byte[] payload, SigningKey key) {
        ObjectNode envelope = PackJson.object();
        envelope.put("payload", Base64.getEncoder().encodeToString(payload));
        envelope.put("payloadType", PAYLOAD_TYPE);
        envelope.putArray("signatures")
                .addObject()
                .put("keyid", key.verifyingKey().toString())
                .put("sig", Base64.getEncoder().encodeToString(key.signWithoutPurpose(preAuthentication(payload))));
        return PackJson.bytes(envelope);
    }

    /**
     * The payload, if this key is among those that signed it. Hints of which key made a signature are passed over, as are
     * members that the specification does not name.
     */
    static byte[] verified(byte[] json, VerifyingKey key, String file, int bytesMax) throws PackRefusedException {
        JsonNode envelope = PackJson.parse(json, file, bytesMax);
        if (!envelope.path("payloadType").asText().equals(PAYLOAD_TYPE)) {
            throw new PackRefusedException(file + " holds no in-toto statement");
        }
        byte[] payload = base64(envelope.path("payload"), file);
        byte[] signed = preAuthentication(payload);
        JsonNode signatures = envelope.path("signatures");
        if (signatures.size() > SIGNATURES_MAX) {
            throw new PackRefusedException(file + " has more than " + SIGNATURES_MAX + " signatures");
        }
        for (JsonNode signature : signatures) {
            if (key.verifiesWithoutPurpose(signed, base64(signature.path("sig"), file))) {
                return payload;
            }
        }
        throw new PackRefusedException(file + " is not signed by this aggregator's key");
    }

    /** PAE: {@code "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload}. */
    static byte[] preAuthentication(byte[] payload) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] head = ("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.US_ASCII);
        bytes.write(head, 0, head.length);
        bytes.write(payload, 0, payload.length);
        return bytes.toByteArray();
    }

    private static byte[] base64(JsonNode text, String file) throws PackRefusedException {
        try {
            return Base64.getDecoder().decode(text.asText());
        } catch (IllegalArgumentException e) {
            throw new PackRefusedException(file + " has a member that is not base64", e);
        }
    }
}
