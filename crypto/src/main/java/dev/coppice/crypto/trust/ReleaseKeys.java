package dev.coppice.crypto.trust;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.release.KeySignature;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keys that may release skill packs, and how many of them it takes. Immutable. */
public final class ReleaseKeys {
    private final Map<ByteString, VerifyingKey> byId = new HashMap<>();
    private final int threshold;

    private ReleaseKeys(List<VerifyingKey> keys, int threshold) {
        keys.forEach(key -> byId.put(ByteString.copyFrom(key.keyId()), key));
        this.threshold = threshold;
    }

    /**
     * Pins keys.
     *
     * @param keys all different
     * @param threshold how many of them must have signed, 1 to their number
     */
    public static ReleaseKeys of(List<VerifyingKey> keys, int threshold) {
        ReleaseKeys pinned = new ReleaseKeys(keys, threshold);
        if (pinned.byId.size() != keys.size()) {
            throw new IllegalArgumentException("a release key is listed twice");
        }
        if (threshold < 1 || threshold > keys.size()) {
            throw new IllegalArgumentException(threshold + " of " + keys.size() + " release keys cannot sign");
        }
        return pinned;
    }

    /** Whether enough of the keys signed these bytes. A key counts once, unknown keys and wrong signatures never. */
    boolean signed(byte[] manifest, List<KeySignature> signatures) {
        Set<ByteString> signers = new HashSet<>();
        for (KeySignature signature : signatures) {
            VerifyingKey key = byId.get(signature.getKeyId());
            if (key != null
                    && key.verifies(
                            Purpose.RELEASE, manifest, signature.getSignature().toByteArray())) {
                signers.add(signature.getKeyId());
            }
        }
        return signers.size() >= threshold;
    }
}
