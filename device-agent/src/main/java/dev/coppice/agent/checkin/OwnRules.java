package dev.coppice.agent.checkin;

import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.Factor;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.RoundTerms;
import java.util.Arrays;
import java.util.Set;

/**
 * What this device insists on, whatever the aggregator signed.
 *
 * @param skill the only one it trains
 * @param baseModelSha256 the only base model it has
 * @param kitSpec the only form of adapter it trains
 * @param noiseMultiplierMin least effective noise multiplier of a round's sum; 0 only if it may go without noise
 * @param localStepsMax most optimizer steps it takes for a round
 * @param serverNoise whether it takes the aggregator's word that it adds the noise
 * @param hybridKeysOnly whether the keys of a round must be agreed on by ML-KEM-768 as well as by X25519
 */
public record OwnRules(
        String skill,
        String baseModelSha256,
        KitSpec kitSpec,
        double noiseMultiplierMin,
        int localStepsMax,
        boolean serverNoise,
        boolean hybridKeysOnly) {
    /** Part of a cohort that may work with the aggregator: what is promised to the owner, not what the terms say. */
    private static final double CORRUPTION_BOUND_MIN = 0.05;

    private static final float LEARNING_RATE_MAX = 1;

    /**
     * Judges a round's terms. The privacy that they give is recomputed from the noise and not believed.
     *
     * @param kitSha256 of the kit that this device derived
     * @param layout of that kit's trainable parameters
     * @return how to encode an update, and the privacy that this gives
     * @throws StayOutException naming the first rule that the terms break
     */
    public NoisePlan judge(VerifiedTerms verified, String kitSha256, ParameterLayout layout) throws StayOutException {
        RoundTerms terms = verified.terms();
        int dimension = uploaded(terms, layout);
        require(terms.getSkill().equals(skill), Reason.OTHER_SKILL, "the round is of another skill");
        require(
                terms.getBaseModelSha256().equals(baseModelSha256),
                Reason.OTHER_BASE_MODEL,
                "the round is of another base model");
        require(
                Arrays.equals(terms.getKitSpec().toByteArray(), kitSpec.toJson()),
                Reason.OTHER_KIT,
                "the round's adapter has another form than the app's");
        require(
                terms.getKitSha256().equals(kitSha256)
                        && (terms.hasMetrics()
                                || terms.getEncoding().getDimension()
                                        == (hasIndicator(terms) ? dimension + 1 : dimension)),
                Reason.OTHER_KIT,
                "the round's kit is not the one that this device derives from its base model");
        if (!terms.hasMetrics()) { // whose vector is not the terms' to choose: they were checked with all other ranges
            requireLittleWork(terms);
        }
        double corruption = terms.getCohort().getCorruptionBound();
        require(
                corruption >= CORRUPTION_BOUND_MIN,
                Reason.TOO_MUCH_TRUST,
                "the round's graph and noise bear " + corruption + " bad devices, at least " + CORRUPTION_BOUND_MIN
                        + " is asked for");
        require(
                verified.hybrid() || !hybridKeysOnly,
                Reason.KEYS_NOT_HYBRID,
                "the round agrees on keys by X25519 alone");
        return noise(terms);
    }

    private void requireLittleWork(RoundTerms terms) throws StayOutException {
        int steps = terms.getTraining().getLocalSteps();
        require(steps >= 1 && steps <= localStepsMax, Reason.TOO_MUCH_WORK, "the round asks for " + steps + " steps");
        float rate = terms.getTraining().getLearningRate();
        require(rate > 0 && rate <= LEARNING_RATE_MAX, Reason.TERMS_REFUSED, "the learning rate is out of range");
    }

    /** How many numbers an update has. */
    private static int uploaded(RoundTerms terms, ParameterLayout layout) {
        Set<Factor> factors = FactorTerms.factors(terms.getTraining().getUploaded());
        return AdapterPart.of(layout, factors).layout().count();
    }

    private static boolean hasIndicator(RoundTerms terms) {
        return terms.getEncoding().getIndicator() != 0;
    }

    private NoisePlan noise(RoundTerms terms) throws StayOutException {
        try {
            NoisePlan plan = NoisePlan.verify(terms.getEncoding(), terms.getPrivacy(), terms.getCohort());
            require(
                    plan.source() != NoiseSource.SERVER || serverNoise,
                    Reason.TOO_MUCH_TRUST,
                    "the round's noise is the aggregator's to add");
            require(
                    plan.noiseMultiplier() >= noiseMultiplierMin,
                    Reason.TOO_LITTLE_NOISE,
                    "the round's noise multiplier is " + plan.noiseMultiplier() + ", at least " + noiseMultiplierMin
                            + " is asked for");
            return plan;
        } catch (PrivacyRefusedException e) {
            throw new StayOutException(Reason.TOO_LITTLE_NOISE, String.valueOf(e.getMessage()));
        }
    }

    private static void require(boolean holds, Reason reason, String why) throws StayOutException {
        if (!holds) {
            throw new StayOutException(reason, why);
        }
    }
}
