package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.VerifyingKey;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Keys as metadata has them: Ed25519 as in the TUF specification, section 4.2, ML-DSA-65 in the form of TAP 21 with a
 * public key of RFC 9881. A key goes by the SHA-256 of the canonical form of its object.
 */
final class TufKeys {
    private static final String ED25519 = "ed25519";
    private static final String ML_DSA = "ml-dsa";
    private static final String ML_DSA_65 = "ml-dsa-65/1";
    /** SubjectPublicKeyInfo before the 1952 bytes of the key: id-ml-dsa-65, no parameters, a bit string. */
    private static final byte[] SPKI = HexFormat.of().parseHex("308207b2300b0609608648016503040312038207a100");

    private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String PEM_END = "-----END PUBLIC KEY-----";
    private static final int KEY_TEXT_MAX = 4096;

    private TufKeys() {}

    static ObjectNode write(VerifyingKey key) {
        ObjectNode object = MetadataJson.object();
        boolean classical = key.algorithm() == SignatureAlgorithm.ED25519;
        object.put("keytype", classical ? ED25519 : ML_DSA);
        object.putObject("keyval").put("public", classical ? HexFormat.of().formatHex(key.bytes()) : pem(key.bytes()));
        object.put("scheme", classical ? ED25519 : ML_DSA_65);
        return object;
    }

    static String id(VerifyingKey key) {
        try {
            return Sha256.hex(MetadataJson.canonical(write(key)));
        } catch (MetadataRefusedException.Malformed e) {
            throw new IllegalStateException("a key is plain text", e);
        }
    }

    /** The key, unless it is of a kind that is not known here: such keys never count. */
    static Optional<VerifyingKey> read(JsonNode object) throws MetadataRefusedException.Malformed {
        String type = Fields.text(object, "keytype");
        String scheme = Fields.text(object, "scheme");
        try {
            if (type.equals(ED25519) && scheme.equals(ED25519)) {
                return Optional.of(VerifyingKey.of(HexFormat.of().parseHex(publicText(object))));
            }
            if (type.equals(ML_DSA) && scheme.equals(ML_DSA_65)) {
                return Optional.of(VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, raw(publicText(object))));
            }
            return Optional.empty();
        } catch (InvalidKeyException | IllegalArgumentException e) {
            throw new MetadataRefusedException.Malformed("a key of type " + type + " is none");
        }
    }

    private static String publicText(JsonNode object) throws MetadataRefusedException.Malformed {
        String text = Fields.text(Fields.object(object, "keyval"), "public");
        Fields.require(text.length() <= KEY_TEXT_MAX, "a key is at most " + KEY_TEXT_MAX + " characters");
        return text;
    }

    private static String pem(byte[] raw) {
        byte[] spki = new byte[SPKI.length + raw.length];
        System.arraycopy(SPKI, 0, spki, 0, SPKI.length);
        System.arraycopy(raw, 0, spki, SPKI.length, raw.length);
        return PEM_BEGIN + "\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(spki) + "\n" + PEM_END
                + "\n";
    }

    private static byte[] raw(String pem) {
        String trimmed = pem.strip();
        if (!trimmed.startsWith(PEM_BEGIN) || !trimmed.endsWith(PEM_END)) {
            throw new IllegalArgumentException("not PEM");
        }
        byte[] spki = Base64.getDecoder()
                .decode(trimmed.substring(PEM_BEGIN.length(), trimmed.length() - PEM_END.length())
                        .replace("\n", "")
                        .replace("\r", ""));
        HexFormat hex = HexFormat.of();
        if (spki.length < SPKI.length || !hex.formatHex(spki, 0, SPKI.length).equals(hex.formatHex(SPKI))) {
            throw new IllegalArgumentException("not a key of ML-DSA-65");
        }
        return Arrays.copyOfRange(spki, SPKI.length, spki.length);
    }
}
