package dev.coppice.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.TrustedRoot;
import java.security.InvalidKeyException;
import java.util.Base64;
import java.util.HexFormat;

/** Whom a device that runs by itself believes, as it is written down. */
final class PinnedKeys {
    private PinnedKeys() {}

    /**
     * Reads keys as an operator hands them out: {@code {"server": "..", "enrolment": ".."}} in hexadecimal digits.
     *
     * @throws IllegalArgumentException if a member is missing or is no key
     */
    static TrustAnchors read(JsonNode json, TrustedRoot repository) {
        return new TrustAnchors(key(json, "server"), key(json, "enrolment"), repository);
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static TrustAnchors ofJson(JsonNode json) {
        try {
            byte[] root = Base64.getDecoder().decode(json.path("repositoryRoot").asText());
            return read(json, TrustedRoot.pinned(root));
        } catch (MetadataRefusedException e) {
            throw new IllegalArgumentException("\"repositoryRoot\" is no root of a repository: " + e.getMessage(), e);
        }
    }

    /** The same keys, with the repository's root in Base64. */
    static ObjectNode toJson(TrustAnchors trust) {
        HexFormat hex = HexFormat.of();
        return new ObjectMapper()
                .createObjectNode()
                .put("server", hex.formatHex(trust.server().bytes()))
                .put("enrolment", hex.formatHex(trust.enrolment().bytes()))
                .put(
                        "repositoryRoot",
                        Base64.getEncoder().encodeToString(trust.repository().file()));
    }

    private static VerifyingKey key(JsonNode json, String name) {
        try {
            return VerifyingKey.of(HexFormat.of().parseHex(json.path(name).asText()));
        } catch (InvalidKeyException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is not an Ed25519 public key in 64 hexadecimal digits", e);
        }
    }
}
