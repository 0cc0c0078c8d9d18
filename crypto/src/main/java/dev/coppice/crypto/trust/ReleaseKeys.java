package dev.coppice.crypto.trust;

import dev.coppice.crypto.signing.KeyThreshold;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.release.KeySignature;
import java.util.List;

/** The keys that may release skill packs, and how many of them it takes. Immutable. */
public final class ReleaseKeys {
    private final KeyThreshold threshold;

    private ReleaseKeys(KeyThreshold threshold) {
        this.threshold = threshold;
    }

    /**
     * Pins keys.
     *
     * @param keys all different
     * @param threshold how many of them must have signed, 1 to their number
     */
    public static ReleaseKeys of(List<VerifyingKey> keys, int threshold) {
        return of(KeyThreshold.of(keys, threshold));
    }

    /** Pins keys with a threshold that may ask for certain algorithms. */
    public static ReleaseKeys of(KeyThreshold threshold) {
        return new ReleaseKeys(threshold);
    }

    /** Whether enough of the keys signed these bytes. A key counts once, unknown keys and wrong signatures never. */
    boolean signed(byte[] manifest, List<KeySignature> signatures) {
        return threshold.isMet(Purpose.RELEASE, manifest, signatures);
    }
}
