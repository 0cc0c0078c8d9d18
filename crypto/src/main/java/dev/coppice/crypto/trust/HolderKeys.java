package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.VerifyingKey;

/**
 * The two public keys of somebody who signs metadata.
 *
 * @param ed25519 counted by every client
 * @param mlDsa65 counted by this project's clients besides
 */
public record HolderKeys(VerifyingKey ed25519, VerifyingKey mlDsa65) {
    /** Longest form that {@link #parse} reads, in bytes. */
    public static final int BYTES_MAX = 8192;

    public HolderKeys {
        boolean fits = ed25519.algorithm() == SignatureAlgorithm.ED25519
                && mlDsa65.algorithm() == SignatureAlgorithm.ML_DSA_65;
        if (!fits) {
            throw new IllegalArgumentException("a holder has a key of each algorithm");
        }
    }

    /** JSON: {@code {"keys": [...]}} with both keys as metadata has them. */
    public byte[] toJson() {
        ObjectNode object = MetadataJson.object();
        ArrayNode keys = object.putArray("keys");
        keys.add(TufKeys.write(ed25519));
        keys.add(TufKeys.write(mlDsa65));
        return MetadataJson.file(object);
    }

    /**
     * What {@link #toJson} wrote.
     *
     * @throws MetadataRefusedException.Malformed if it is something else
     */
    public static HolderKeys parse(byte[] json) throws MetadataRefusedException.Malformed {
        Fields.require(json.length <= BYTES_MAX, "public keys have at most " + BYTES_MAX + " bytes");
        JsonNode keys = Fields.array(MetadataJson.parse(json), "keys", 2);
        Fields.require(keys.size() == 2, "a holder has two keys");
        var first = TufKeys.read(keys.path(0));
        var second = TufKeys.read(keys.path(1));
        Fields.require(first.isPresent() && second.isPresent(), "a key of an unknown kind");
        try {
            return new HolderKeys(first.orElseThrow(), second.orElseThrow());
        } catch (IllegalArgumentException e) {
            throw new MetadataRefusedException.Malformed("an Ed25519 key, then one of ML-DSA-65");
        }
    }
}
