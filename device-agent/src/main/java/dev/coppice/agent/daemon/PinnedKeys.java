package dev.coppice.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.ReleaseKeys;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The keys that a device believes, as they are written down: in hexadecimal digits.
 *
 * @param server of the aggregator
 * @param enrolment of the enrolment authority
 * @param release of those who release skill packs; may be none, and then no pack is installed
 * @param releaseThreshold how many of those must have signed
 */
public record PinnedKeys(String server, String enrolment, List<String> release, int releaseThreshold) {
    /** Copies the list. */
    public PinnedKeys {
        release = List.copyOf(release);
    }

    /**
     * Reads {@code {"server": "..", "enrolment": "..", "release": [".."], "releaseThreshold": 1}}.
     *
     * @throws IllegalArgumentException if a member is missing or is no key
     */
    public static PinnedKeys of(JsonNode json) {
        List<String> release = new ArrayList<>();
        json.path("release").forEach(key -> release.add(key.asText()));
        PinnedKeys keys = new PinnedKeys(
                json.path("server").asText(),
                json.path("enrolment").asText(),
                release,
                json.path("releaseThreshold").asInt(1));
        keys.anchors();
        return keys;
    }

    /** The same as JSON. */
    public ObjectNode toJson() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("server", server).put("enrolment", enrolment).put("releaseThreshold", releaseThreshold);
        ArrayNode keys = json.putArray("release");
        release.forEach(keys::add);
        return json;
    }

    /**
     * The keys themselves.
     *
     * @throws IllegalArgumentException if one is none, or there are too few for the threshold
     */
    public TrustAnchors anchors() {
        List<VerifyingKey> releasing = new ArrayList<>();
        release.forEach(key -> releasing.add(key("release", key)));
        return new TrustAnchors(
                key("server", server), key("enrolment", enrolment), ReleaseKeys.of(releasing, releaseThreshold));
    }

    private static VerifyingKey key(String name, String hex) {
        try {
            return VerifyingKey.of(HexFormat.of().parseHex(hex));
        } catch (InvalidKeyException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is not an Ed25519 public key in 64 hexadecimal digits", e);
        }
    }
}
