package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import java.util.BitSet;

/**
 * When the survivors of a group may be unmasked. Each device checks this for itself; the server does too, to know in time that
 * a round is lost.
 */
final class SurvivorRules {
    private static final double WINDOW_SECURITY = Math.scalb(1.0, -41);

    private SurvivorRules() {}

    /**
     * Checks the size of the group's sum, and that all its survivors hang together: if every window of half a degree has more
     * survivors than bad devices can be in it, it has an honest one, so that honest survivors are nowhere further apart
     * than neighbours are, and only the one sum over all of them can be unmasked.
     */
    static void check(Ring ring, VerifiedTerms terms, BitSet masked) throws RoundRefusedException {
        GroupParameters parameters = ring.parameters();
        double dropoutBound = terms.terms().getCohort().getDropoutBound();
        int fewest = parameters.size() - Rates.floor(dropoutBound, parameters.size());
        int present = ring.in(masked).cardinality();
        if (present < fewest) {
            throw new RoundRefusedException(
                    Rule.TOO_FEW_SURVIVORS, "%d where at least %d are due".formatted(present, fewest));
        }
        if (!parameters.complete() && ring.fewestInWindow(masked) <= badInWindow(parameters)) {
            throw new RoundRefusedException(Rule.SURVIVORS_SCATTERED, "a stretch of the ring has too few of them");
        }
    }

    /** How many bad devices no window exceeds, but for a chance of 2^-41 over all windows. */
    static int badInWindow(GroupParameters parameters) {
        int size = parameters.size();
        return new Hypergeometric(size, parameters.bad(), parameters.degree() / 2)
                .upperQuantile(WINDOW_SECURITY / size);
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
