package dev.coppice.crypto.masking;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;

/**
 * How many devices of a group must have been told the same survivors before any of them reveals a share.
 *
 * <p>The rule is our own, not a paper's. Two statements that are both attested by more than half of a group's n members and its bad ones together
 * share an honest one; and an honest device attests once. A statement that a
 * fraction f of those on the roll attested passes one device's sample with a chance of f^80, which is below 2^-40 for f up
 * to 0.707.
 */
final class AttestationRules {
    /** Attestations that each device looks at, or all where there are fewer. */
    static final int SAMPLES = 80;

    private AttestationRules() {}

    /** The fewest attestations of a group: {@code (1 - 2d) n}, and more than half of all and the bad together. */
    static int fewest(GroupParameters parameters, VerifiedTerms terms) {
        int size = parameters.size();
        int remaining = size - Rates.floor(2 * terms.terms().getCohort().getDropoutBound(), size);
        int majority = (size + parameters.bad()) / 2 + 1;
        return Math.max(remaining, majority);
    }

    static void requireEnough(int attested, GroupParameters parameters, VerifiedTerms terms)
            throws RoundRefusedException {
        int fewest = fewest(parameters, terms);
        if (attested < fewest) {
            throw new RoundRefusedException(
                    Rule.TOO_FEW_ATTESTATIONS, "%d where at least %d are due".formatted(attested, fewest));
        }
    }
}
