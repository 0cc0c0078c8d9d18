package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import java.util.BitSet;

/**
 * When a set of survivors may be unmasked. Each device checks this for itself; the server does too, to know in time that
 * a round is lost.
 */
final class SurvivorRules {
    private static final double WINDOW_SECURITY = Math.scalb(1.0, -41);

    private SurvivorRules() {}

    /**
     * Checks the size of the sum, and that all survivors hang together: if every window of half a degree has more
     * survivors than bad devices can be in it, it has an honest one, so that honest survivors are nowhere further apart
     * than neighbours are, and only the one sum over all of them can be unmasked.
     */
    static void check(Ring ring, VerifiedTerms terms, BitSet masked) throws RoundRefusedException {
        CohortParameters parameters = ring.parameters();
        var bounds = terms.terms().getCohort();
        int fewest = parameters.size() - Rates.floor(bounds.getDropoutBound(), parameters.size());
        if (masked.cardinality() < fewest) {
            throw new RoundRefusedException(
                    Rule.TOO_FEW_SURVIVORS, "%d where at least %d are due".formatted(masked.cardinality(), fewest));
        }
        if (!parameters.complete()
                && ring.fewestInWindow(masked) <= badInWindow(parameters, bounds.getCorruptionBound())) {
            throw new RoundRefusedException(Rule.SURVIVORS_SCATTERED, "a stretch of the ring has too few of them");
        }
    }

    /** How many bad devices no window exceeds, but for a chance of 2^-41 over all windows. */
    static int badInWindow(CohortParameters parameters, double corruptionBound) {
        int size = parameters.size();
        int bad = Rates.floor(corruptionBound, size);
        return new Hypergeometric(size, bad, parameters.degree() / 2).upperQuantile(WINDOW_SECURITY / size);
    }

    /** The bitmap of a set, least significant bit first. */
    static ByteString bitmap(BitSet set, int size) {
        byte[] bytes = new byte[(size + Byte.SIZE - 1) / Byte.SIZE];
        byte[] shorter = set.toByteArray();
        System.arraycopy(shorter, 0, bytes, 0, shorter.length);
        return ByteString.copyFrom(bytes);
    }

    /** The set of a bitmap, which must have exactly the length for {@code size} and no bit beyond. */
    static BitSet set(ByteString bitmap, int size) throws RoundRefusedException {
        BitSet set = BitSet.valueOf(bitmap.toByteArray());
        if (bitmap.size() != (size + Byte.SIZE - 1) / Byte.SIZE || set.length() > size) {
            throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "a bitmap of another length");
        }
        return set;
    }
}
