package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.testkit.SeededBytes;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoisePlanTest {
    private static final PrivacyGoal GOAL = new PrivacyGoal(8, 1e-8, 6);
    private static final CohortBounds COHORT = new CohortBounds(180, 200, 0.1, 0.05);
    private static final Cohort COHORT_MESSAGE = Cohort.newBuilder()
            .setSizeMin(180)
            .setSizeMax(200)
            .setDropoutBound(0.1)
            .setCorruptionBound(0.05)
            .build();

    @ParameterizedTest(name = "epsilon {0}, {1} participations, {2} devices, {3} values")
    @CsvSource({
        "0.05, 1, 200, 8192",
        "1, 6, 10, 1",
        "8, 6, 200, 8192",
        "8, 64, 5000, 8192",
        "8, 8, 1000, 1048576",
        "50, 2, 5000, 100",
        "500, 6, 5000, 8192"
    })
    void aPlanKeepsItsGoalAndAddsNoMoreThanThatTakes(double epsilon, int participations, int devices, int dimension)
            throws PrivacyRefusedException {
        var cohort = new CohortBounds(devices, devices, 0.1, 0.05);
        var plan = NoisePlan.calibrate(
                new PrivacyGoal(epsilon, 1e-8, participations), cohort, dimension, 2.0, new byte[32]);
        assertThat(plan.epsilon()).isBetween(epsilon * (1 - 1e-6), epsilon);
        assertThat(RdpAccountant.epsilon(plan.noiseMultiplier(), participations, 1e-8))
                .isBetween(epsilon * (1 - 1e-6), epsilon);
        var encoding = plan.encoding();
        assertThat(encoding.noiseSigma()).isGreaterThanOrEqualTo(4);
        double noise = Math.sqrt(plan.honestMin()) * encoding.noiseSigma();
        assertThat(noise / Calibration.sensitivity(encoding))
                .isCloseTo(plan.noiseMultiplier(), within(1e-9 * plan.noiseMultiplier()));
        double inflation = Calibration.sensitivity(encoding) / (encoding.scale() * encoding.clipNorm());
        assertThat(inflation).as("what rounding adds to the sensitivity").isBetween(1.0, 1.08);
    }

    @Test
    void onlyTheHonestDevicesThatMustBeInTheSumAreReckonedWith() throws PrivacyRefusedException {
        var plan = plan();
        assertThat(plan.honestMin()).isEqualTo(180 - 18 - 9);
        var safer = NoisePlan.calibrate(GOAL, new CohortBounds(180, 200, 0.3, 0.2), 8000, 1, new byte[32]);
        assertThat(safer.honestMin()).isEqualTo(180 - 54 - 36);
        assertThat(safer.encoding().noiseSigma() / safer.encoding().scale())
                .isGreaterThan(
                        1.2 * plan.encoding().noiseSigma() / plan.encoding().scale());
    }

    /** Defence: {@code noisy} in {@link Calibration}: the noise of one device is all that counts. */
    @Test
    void localNoiseKeepsTheGoalOfOneDeviceAlone() throws PrivacyRefusedException {
        var local =
                NoisePlan.calibrate(NoiseSource.OWN_DEVICE, GOAL, COHORT, 8000, new Clipping.Fixed(1), new byte[32]);
        assertThat(local.honestMin()).isEqualTo(1);
        assertThat(local.epsilon()).isBetween(GOAL.epsilon() * (1 - 1e-6), GOAL.epsilon());
        var encoding = local.encoding();
        assertThat(encoding.noiseSigma())
                .isGreaterThanOrEqualTo(local.noiseMultiplier() * Calibration.sensitivity(encoding) * (1 - 1e-9));
        var distributed = plan().encoding();
        assertThat(encoding.noiseSigma() / encoding.scale() / (distributed.noiseSigma() / distributed.scale()))
                .isCloseTo(Math.sqrt(plan().honestMin()), within(0.5));
        var charged = NoisePlan.verify(encoding.toMessage(), local.toMessage(), COHORT_MESSAGE);
        assertThat(charged).isEqualTo(local);
        Privacy together = local.toMessage().toBuilder()
                .setSource(NoiseSource.HONEST_DEVICES)
                .build();
        assertThat(NoisePlan.verify(encoding.toMessage(), together, COHORT_MESSAGE)
                        .epsilon())
                .isLessThan(local.epsilon() / 5);
    }

    /** Then devices add none, and are told so; how much the server adds is charged as the noise of one source. */
    @Test
    void theServersNoiseKeepsTheGoalAlone() throws PrivacyRefusedException {
        NoisePlan plan = byServer();
        assertThat(plan.encoding().noiseSigma()).isZero();
        assertThat(plan.honestMin()).isEqualTo(1);
        assertThat(plan.epsilon()).isBetween(GOAL.epsilon() * (1 - 1e-3), GOAL.epsilon());
        assertThat(plan.serverSigma() / Calibration.sensitivity(plan.encoding()))
                .isCloseTo(plan.noiseMultiplier(), within(1e-9));
        assertThat(NoisePlan.verify(plan.encoding().toMessage(), plan.toMessage(), COHORT_MESSAGE))
                .isEqualTo(plan);
        var distributed = plan();
        double together = distributed.encoding().noiseSigma() * Math.sqrt(distributed.honestMin());
        assertThat(plan.serverSigma() / plan.encoding().scale())
                .isCloseTo(together / distributed.encoding().scale(), within(0.05));
    }

    @Test
    void termsThatAreNotClearWhoseNoiseCountsAreRefused() throws PrivacyRefusedException {
        NoisePlan plan = byServer();
        Encoding encoding = plan.encoding().toMessage();
        Privacy privacy = plan.toMessage();
        Encoding both = encoding.toBuilder().setNoiseSigma(5).build();
        for (Privacy.Builder wrong : new Privacy.Builder[] {
            privacy.toBuilder().setServerSigma(privacy.getServerSigma() - 1), // less than promised
            privacy.toBuilder().setServerSigma(0),
            privacy.toBuilder().setServerSigma(3),
            privacy.toBuilder().setServerSigma(privacy.getServerSigma() + 0.5),
            privacy.toBuilder().setServerSigma(1 << 21),
            privacy.toBuilder().setSource(NoiseSource.HONEST_DEVICES),
            privacy.toBuilder().setSource(NoiseSource.OWN_DEVICE).setServerSigma(0),
        }) {
            assertThatThrownBy(() -> NoisePlan.verify(encoding, wrong.build(), COHORT_MESSAGE))
                    .as("%s", wrong)
                    .isInstanceOf(PrivacyRefusedException.class);
        }
        assertThatThrownBy(() -> NoisePlan.verify(both, privacy, COHORT_MESSAGE))
                .isInstanceOf(PrivacyRefusedException.class);
    }

    /** Of so few devices, the server's noise is most of what a sum may come to. */
    @Test
    void bitsHoldTheServersNoiseToo() throws PrivacyRefusedException {
        var few = new CohortBounds(5, 5, 0, 0);
        NoisePlan plan = NoisePlan.calibrate(
                NoiseSource.SERVER, new PrivacyGoal(1, 1e-8, 1), few, 8000, new Clipping.Fixed(1), new byte[32]);
        Encoding encoding = plan.encoding().toMessage();
        assertThat(NoisePlan.verify(encoding, plan.toMessage(), few.toMessage()))
                .isEqualTo(plan);
        Encoding narrow = encoding.toBuilder().setBits(encoding.getBits() - 1).build();
        assertThatThrownBy(() -> NoisePlan.verify(narrow, plan.toMessage(), few.toMessage()))
                .hasMessageContaining("overflow");
    }

    /** The tables' distance counts e to the epsilon times. */
    @Test
    void aLargeEpsilonByTheServersTablesIsRefusedWithTheReason() {
        assertThatThrownBy(() -> NoisePlan.calibrate(
                        NoiseSource.SERVER,
                        new PrivacyGoal(192, 1e-5, 60),
                        COHORT,
                        8000,
                        new Clipping.Fixed(1),
                        new byte[32]))
                .isInstanceOf(PrivacyRefusedException.class)
                .hasMessageContaining("tables");
    }

    private static NoisePlan byServer() throws PrivacyRefusedException {
        return NoisePlan.calibrate(NoiseSource.SERVER, GOAL, COHORT, 8000, new Clipping.Fixed(1), new byte[32]);
    }

    /** Each group has a sum of its own, in which more of the devices may be bad than in the cohort. */
    @Test
    void noiseOfGroupsIsReckonedForTheWorstGroup() throws PrivacyRefusedException {
        var bounds = new CohortBounds(180, 200, 60, 0.1, 0.05);
        var plan = NoisePlan.calibrate(GOAL, bounds, 8000, 1, new byte[32]);
        assertThat(bounds.groupMax()).isEqualTo(67);
        assertThat(plan.honestMin()).isEqualTo(60 - 6 - 9);
        assertThat(new CohortBounds(199, 199, 60, 0.1, 0.05).honestMin()).isEqualTo(66 - 6 - 9);
        assertThat(plan.encoding().bits()).isLessThanOrEqualTo(plan().encoding().bits());
        Cohort groups = COHORT_MESSAGE.toBuilder().setGroupSize(60).build();
        var verified = NoisePlan.verify(plan.encoding().toMessage(), plan.toMessage(), groups);
        assertThat(verified).isEqualTo(plan);
    }

    /** Defence: {@code groupSize} in {@code CohortBounds}, as a device reads it from the terms. */
    @Test
    void noiseThatIsEnoughForACohortIsNotForItsGroups() throws PrivacyRefusedException {
        var plan = plan();
        Cohort groups = COHORT_MESSAGE.toBuilder().setGroupSize(60).build();
        assertThatThrownBy(() -> NoisePlan.verify(plan.encoding().toMessage(), plan.toMessage(), groups))
                .isInstanceOf(PrivacyRefusedException.class)
                .hasMessageContaining("promise epsilon");
    }

    @Test
    void groupsThatMayHoldNoHonestDeviceAreRefused() {
        assertThatThrownBy(() ->
                        NoisePlan.calibrate(GOAL, new CohortBounds(1000, 1000, 10, 0.5, 0.2), 8000, 1, new byte[32]))
                .isInstanceOf(PrivacyRefusedException.class)
                .hasMessageContaining("no device whose noise is sure");
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(100, 100, 101, 0.1, 0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(100, 100, -1, 0.1, 0.1));
    }

    @Test
    void moreParticipationsTakeMoreNoise() throws PrivacyRefusedException {
        var six = plan();
        var twelve = NoisePlan.calibrate(new PrivacyGoal(8, 1e-8, 12), COHORT, 8000, 1, new byte[32]);
        assertThat(twelve.noiseMultiplier() / six.noiseMultiplier()).isCloseTo(Math.sqrt(2), within(1e-6));
    }

    @Test
    void everyChargeOfAPlanTogetherStaysWithinItsGoal() throws PrivacyRefusedException {
        var plan = plan();
        var charge = new PrivacyLedger.Charge(plan.noiseMultiplier());
        assertThat(PrivacyLedger.epsilonAfter(Collections.nCopies(6, charge), 1e-8))
                .isBetween(7.99999, 8.0);
        assertThat(PrivacyLedger.epsilonAfter(Collections.nCopies(7, charge), 1e-8))
                .isGreaterThan(8.5);
    }

    @Test
    void bitsAreTheFewestThatHoldAnAlignedCohortAndItsNoise() throws PrivacyRefusedException {
        for (int devices = 1; devices < 300; devices += 7) {
            var cohort = new CohortBounds(devices, devices, 0.1, 0.05);
            var encoding =
                    NoisePlan.calibrate(GOAL, cohort, 1000, 1, new byte[32]).encoding();
            double largest =
                    devices * Calibration.sensitivity(encoding) + 12 * Math.sqrt(devices) * encoding.noiseSigma();
            assertThat(largest).isBetween(Math.scalb(0.5, encoding.bits() - 1), Math.scalb(1.0, encoding.bits() - 1));
        }
    }

    @Test
    void withoutNoiseNothingIsPromised() throws PrivacyRefusedException {
        var plan = NoisePlan.off(COHORT, 8000, 1, new byte[32]);
        assertThat(plan.isPrivate()).isFalse();
        assertThat(plan.encoding().noiseSigma()).isZero();
        assertThat(plan.epsilon()).isInfinite();
        assertThat(plan.toMessage()).isEqualTo(Privacy.getDefaultInstance());
        assertThat(NoisePlan.verify(plan.encoding().toMessage(), plan.toMessage(), COHORT_MESSAGE))
                .isEqualTo(plan);
    }

    @Test
    void aGoalThatNoNoiseKeepsIsRefused() {
        refused(new PrivacyGoal(1e-6, 1e-9, 1), COHORT, 100, "No noise gives");
        refused(new PrivacyGoal(0.05, 1e-9, 100), new CohortBounds(1, 1, 0, 0), 1 << 20, "larger cohort");
    }

    @Test
    void aSumThatDoesNotFitIsRefused() {
        var crowd = new CohortBounds(1_000_000, 1_000_000, 0.1, 0.05);
        refused(new PrivacyGoal(0.5, 1e-9, 100), crowd, 1 << 24, "bits");
        assertThatThrownBy(() -> NoisePlan.off(crowd, 1 << 20, 1, new byte[32]))
                .isInstanceOf(PrivacyRefusedException.class)
                .hasMessageContaining("bits");
    }

    @Test
    void whatIsNoGoalOrCohortIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(0, 1e-8, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(Double.NaN, 1e-8, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(Double.POSITIVE_INFINITY, 1e-8, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(1, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(1, 1e-8, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyGoal(1, 1e-8, 1_000_001));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(0, 1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(3, 2, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(1, 1_000_001, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(1, 1, 0.5, 0.5));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(1, 1, -0.1, 0.5));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(1, 1, 0.1, -0.5));
        assertThatIllegalArgumentException().isThrownBy(() -> new CohortBounds(1, 1, Double.NaN, 0));
    }

    /** 40 devices may lose 4 and have 2 corrupted; 39 may lose 3 and have 1: the larger cohort has fewer to rely on. */
    @Test
    void theFewestHonestDevicesNeedNotBeThoseOfTheSmallestCohort() {
        assertThat(new CohortBounds(39, 39, 0.1, 0.05).honestMin()).isEqualTo(35);
        assertThat(new CohortBounds(39, 40, 0.1, 0.05).honestMin()).isEqualTo(34);
        assertThat(new CohortBounds(39, 400, 0.1, 0.05).honestMin()).isEqualTo(34);
    }

    @ParameterizedTest
    @CsvSource({"10, 0.1, 9", "100, 0.07, 93", "1000, 0.1, 900", "30, 0.3, 21", "29, 0.1, 27", "5, 0, 5", "9, 0.1, 9"})
    void survivorsAreRoundedUpToWholeDevices(int size, double dropoutBound, int survivors) {
        assertThat(new CohortBounds(1, size, dropoutBound, 0).survivorsMin(size))
                .isEqualTo(survivors);
    }

    /** 0.29 * 100 is a hair below 29 in binary. */
    @Test
    void badDevicesAreNotRoundedAwayByBinaryFractions() {
        assertThat(new CohortBounds(100, 100, 0, 0.29).honestMin()).isEqualTo(71);
    }

    @Test
    void aDeviceFindsTheSamePlanInTheTerms() throws PrivacyRefusedException {
        var plan = plan();
        assertThat(NoisePlan.verify(plan.encoding().toMessage(), plan.toMessage(), COHORT_MESSAGE))
                .isEqualTo(plan);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 4, 56, 112})
    void termsWithLessNoiseThanPromisedAreRefused(double sigma) throws PrivacyRefusedException {
        var plan = plan();
        assertThat(plan.encoding().noiseSigma()).isGreaterThan(112);
        var weak = plan.encoding().toMessage().toBuilder().setNoiseSigma(sigma).build();
        assertRefused(plan, weak, plan.toMessage(), COHORT_MESSAGE);
    }

    @Test
    void termsThatAmplifyAnUpdateAreRefused() throws PrivacyRefusedException {
        var plan = plan();
        var message = plan.encoding().toMessage();
        var scaled = message.toBuilder().setScale(message.getScale() * 1.001).build();
        assertRefused(plan, scaled, plan.toMessage(), COHORT_MESSAGE);
        var loose =
                message.toBuilder().setClipNorm(message.getClipNorm() * 1.001).build();
        assertRefused(plan, loose, plan.toMessage(), COHORT_MESSAGE);
    }

    @Test
    void termsThatPromiseMoreThanTheNoiseGivesAreRefused() throws PrivacyRefusedException {
        var plan = plan();
        var encoding = plan.encoding().toMessage();
        var promise = plan.toMessage().toBuilder();
        assertRefused(plan, encoding, promise.clone().setEpsilonMax(7.99).build(), COHORT_MESSAGE);
        assertRefused(plan, encoding, promise.clone().setDelta(9e-9).build(), COHORT_MESSAGE);
        assertRefused(plan, encoding, promise.clone().setParticipationsMax(7).build(), COHORT_MESSAGE);
        assertRefused(plan, encoding, promise.clone().setNoiseMultiplier(1.95).build(), COHORT_MESSAGE);
        assertRefused(
                plan, encoding, promise.clone().setNoiseMultiplier(Double.NaN).build(), COHORT_MESSAGE);
        assertRefused(plan, encoding, promise.clone().setEpsilonMax(Double.NaN).build(), COHORT_MESSAGE);
        assertRefused(plan, encoding, Privacy.getDefaultInstance(), COHORT_MESSAGE);
    }

    @Test
    void termsWithFewerHonestDevicesThanTheNoiseNeedsAreRefused() throws PrivacyRefusedException {
        var plan = plan();
        var encoding = plan.encoding().toMessage();
        var cohort = COHORT_MESSAGE.toBuilder();
        assertRefused(
                plan, encoding, plan.toMessage(), cohort.clone().setSizeMin(170).build());
        assertRefused(
                plan,
                encoding,
                plan.toMessage(),
                cohort.clone().setDropoutBound(0.2).build());
        assertRefused(
                plan,
                encoding,
                plan.toMessage(),
                cohort.clone().setCorruptionBound(0.1).build());
        assertRefused(plan, encoding, plan.toMessage(), Cohort.getDefaultInstance());
    }

    @Test
    void termsWhoseSumMayOverflowAreRefused() throws PrivacyRefusedException {
        var plan = plan();
        var encoding = plan.encoding().toMessage();
        var narrow = encoding.toBuilder().setBits(plan.encoding().bits() - 1).build();
        assertRefused(plan, narrow, plan.toMessage(), COHORT_MESSAGE);
        var crowd = COHORT_MESSAGE.toBuilder().setSizeMax(2000).build();
        assertRefused(plan, encoding, plan.toMessage(), crowd);
    }

    private static void assertRefused(
            NoisePlan plan, dev.coppice.protocol.round.Encoding encoding, Privacy privacy, Cohort cohort) {
        assertThatThrownBy(() -> NoisePlan.verify(encoding, privacy, cohort))
                .as("instead of %s", plan)
                .isInstanceOf(PrivacyRefusedException.class);
    }

    private static void refused(PrivacyGoal goal, CohortBounds cohort, int dimension, String why) {
        assertThatThrownBy(() -> NoisePlan.calibrate(goal, cohort, dimension, 1, new byte[32]))
                .isInstanceOf(PrivacyRefusedException.class)
                .hasMessageContaining(why);
    }

    private static NoisePlan plan() throws PrivacyRefusedException {
        byte[] seed = new byte[RotationSeed.BYTES];
        new SeededBytes(1).fill(seed);
        return NoisePlan.calibrate(GOAL, COHORT, 8000, 1, seed);
    }
}
