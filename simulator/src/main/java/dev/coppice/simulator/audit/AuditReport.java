package dev.coppice.simulator.audit;

import dev.coppice.crypto.privacy.audit.CosineAudit;
import dev.coppice.crypto.privacy.audit.OneRunAudit;
import java.util.ArrayList;
import java.util.List;

/**
 * What an audit saw, and what it makes of the claim.
 *
 * @param settings what was played
 * @param claimedEpsilon the account's, of all of a device's rounds, at the settings' delta
 * @param guessed which coins were guessed
 * @param cosines of what was released with canaries
 * @param maskTests how often masked inputs were compared with noise
 * @param maskPValue the probability that noise looks as odd as the oddest input did, or less
 */
public record AuditReport(
        AuditSettings settings,
        double claimedEpsilon,
        OneRunAudit guessed,
        CosineAudit cosines,
        long maskTests,
        double maskPValue) {
    /** Epsilon is at least this, whatever the mechanism is. */
    public double epsilonByGuesses() {
        return guessed.epsilonLowerBound(settings.goal().delta(), settings.confidenceOfEach());
    }

    /** Epsilon is at least this, if the mechanism adds Gaussian noise. */
    public double epsilonByCosines() {
        return cosines.epsilonLowerBound(settings.goal().delta(), settings.confidenceOfEach());
    }

    /** The likeliest epsilon; not a bound. */
    public double epsilonLikely() {
        return cosines.epsilon(settings.goal().delta());
    }

    /** Every way in which the claim turned out wrong, in a sentence each. Empty where this audit saw nothing wrong. */
    public List<String> refutations() {
        List<String> refutations = new ArrayList<>();
        if (epsilonByGuesses() > claimedEpsilon) {
            refutations.add("the coins were guessed too well");
        }
        if (epsilonByCosines() > claimedEpsilon) {
            refutations.add("canaries stand out too clearly in what was released");
        }
        if (maskPValue < 1 - settings.confidenceOfEach()) {
            refutations.add("masked inputs do not look like noise");
        }
        return refutations;
    }
}
