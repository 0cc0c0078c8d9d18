package dev.coppice.crypto.masking;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;

/**
 * How many devices must have been told the same survivors before any of them reveals a share.
 *
 * <p>The rule is our own, not a paper's. Two statements that are both attested by more than {@code (1 + g) n / 2} members
 * share an honest one, for at most {@code g n} members are bad; and an honest device attests once. A statement that a
 * fraction f of those on the roll attested passes one device's sample with a chance of f^80, which is below 2^-40 for f up
 * to 0.707.
 */
final class AttestationRules {
    /** Attestations that each device looks at, or all where there are fewer. */
    static final int SAMPLES = 80;

    private AttestationRules() {}

    /** The fewest attestations: {@code (1 - 2d) n}, and more than {@code (1 + g) n / 2}. */
    static int fewest(int size, VerifiedTerms terms) {
        var bounds = terms.terms().getCohort();
        int remaining = size - Rates.floor(2 * bounds.getDropoutBound(), size);
        int majority = (size + Rates.floor(bounds.getCorruptionBound(), size)) / 2 + 1;
        return Math.max(remaining, majority);
    }

    static void requireEnough(int attested, int size, VerifiedTerms terms) throws RoundRefusedException {
        int fewest = fewest(size, terms);
        if (attested < fewest) {
            throw new RoundRefusedException(
                    Rule.TOO_FEW_ATTESTATIONS, "%d where at least %d are due".formatted(attested, fewest));
        }
    }
}
