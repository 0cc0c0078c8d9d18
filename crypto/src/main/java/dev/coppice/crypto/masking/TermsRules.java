package dev.coppice.crypto.masking;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.FactorSet;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Training;

/** The range of every field of a round's terms. Written so that NaN is out of every range. */
final class TermsRules {
    /** With fewer, a member learns another's input from the sum. */
    static final int COHORT_SIZE_MIN = 3;

    private static final int SEED_BYTES = 32;
    private static final int LOCAL_STEPS_MAX = 100_000;
    private static final double RATE_MAX = 0.9;

    private TermsRules() {}

    static void check(RoundTerms terms) throws RoundRefusedException {
        require(Identifiers.isIdentifier(terms.getRoundId()), "round_id");
        require(Identifiers.isIdentifier(terms.getTaskId()), "task_id");
        require(Identifiers.isIdentifier(terms.getSkill()), "skill");
        require(terms.getNumber() > 0, "number");
        require(Identifiers.isSha256(terms.getBaseModelSha256()), "base_model_sha256");
        require(Identifiers.isSha256(terms.getKitSha256()), "kit_sha256");
        require(Identifiers.isSha256(terms.getCandidateSha256()), "candidate_sha256");
        require(terms.getKitSpec().size() <= Limits.KIT_SPEC_BYTES_MAX, "kit_spec");
        require(terms.getOpenedEpochMillis() > 0, "opened_epoch_millis");
        require(terms.getKeyAgreement() != KeyAgreement.UNRECOGNIZED, "key_agreement");
        checkEncoding(terms.getEncoding());
        if (terms.hasMetrics()) {
            checkMetrics(terms);
        } else {
            checkTraining(terms.getTraining());
        }
        checkPrivacy(terms.getPrivacy());
        checkCohort(terms.getCohort());
    }

    /** Nothing else is asked for than the figures that are agreed upon, and nothing larger. */
    private static void checkMetrics(RoundTerms terms) throws RoundRefusedException {
        require(!terms.hasTraining(), "training");
        MetricsSubject subject = terms.getMetrics().getSubject();
        long version = terms.getMetrics().getPackVersion();
        require(subject != MetricsSubject.UNRECOGNIZED, "subject");
        require(version == 0 || (version > 0 && subject == MetricsSubject.PACK), "pack_version");
        try {
            require(MetricsLayout.of(terms.getMetrics()).fits(terms.getEncoding()), "metrics");
        } catch (IllegalArgumentException e) {
            throw new RoundRefusedException(Rule.TERMS_OUT_OF_RANGE, "device_classes");
        }
    }

    private static void checkTraining(Training training) throws RoundRefusedException {
        require(within(training.getLocalSteps(), 1, LOCAL_STEPS_MAX), "local_steps");
        require(training.getLearningRate() > 0 && training.getLearningRate() <= 10, "learning_rate");
        require(training.getExamplesMin() >= 0, "examples_min");
        require(training.getFullWeightExamples() >= 0, "full_weight_examples");
        require(training.getTrained() != FactorSet.UNRECOGNIZED, "trained");
        boolean isTrained =
                training.getTrained() == FactorSet.WHOLE_ADAPTER || training.getUploaded() == training.getTrained();
        require(training.getUploaded() != FactorSet.UNRECOGNIZED && isTrained, "uploaded");
    }

    private static void checkEncoding(Encoding encoding) throws RoundRefusedException {
        require(within(encoding.getDimension(), 1, Limits.DIMENSION_MAX), "dimension");
        require(within(encoding.getBits(), Limits.VALUE_BITS_MIN, Limits.VALUE_BITS_MAX), "bits");
        require(positive(encoding.getClipNorm()), "clip_norm");
        require(positive(encoding.getScale()), "scale");
        require(encoding.getRotationSeed().size() == SEED_BYTES, "rotation_seed");
        require(zeroOrMore(encoding.getNoiseSigma()), "noise_sigma");
    }

    private static void checkPrivacy(Privacy privacy) throws RoundRefusedException {
        require(zeroOrMore(privacy.getNoiseMultiplier()), "noise_multiplier");
        require(zeroOrMore(privacy.getEpsilonMax()), "epsilon_max");
        require(privacy.getDelta() >= 0 && privacy.getDelta() < 1, "delta");
        require(privacy.getParticipationsMax() >= 0, "participations_max");
        require(privacy.getSource() != NoiseSource.UNRECOGNIZED, "source");
        require(zeroOrMore(privacy.getServerSigma()), "server_sigma");
    }

    private static void checkCohort(Cohort cohort) throws RoundRefusedException {
        require(within(cohort.getSizeMin(), COHORT_SIZE_MIN, Limits.COHORT_SIZE_MAX), "size_min");
        require(within(cohort.getSizeMax(), cohort.getSizeMin(), Limits.COHORT_SIZE_MAX), "size_max");
        int groupSize = cohort.getGroupSize();
        require(groupSize == 0 || within(groupSize, COHORT_SIZE_MIN, cohort.getSizeMin()), "group_size");
        require(cohort.getDropoutBound() >= 0 && cohort.getDropoutBound() <= RATE_MAX, "dropout_bound");
        require(cohort.getCorruptionBound() >= 0 && cohort.getCorruptionBound() <= RATE_MAX, "corruption_bound");
    }

    private static boolean within(int value, int min, int max) {
        return value >= min && value <= max;
    }

    private static boolean positive(double value) {
        return value > 0 && Double.isFinite(value);
    }

    private static boolean zeroOrMore(double value) {
        return value >= 0 && Double.isFinite(value);
    }

    private static void require(boolean inRange, String field) throws RoundRefusedException {
        if (!inRange) {
            throw new RoundRefusedException(Rule.TERMS_OUT_OF_RANGE, field);
        }
    }
}
