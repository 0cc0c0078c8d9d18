package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.Privacy;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingParametersTest {
    private static final Encoding GOOD = Encoding.newBuilder()
            .setDimension(8000)
            .setClipNorm(1)
            .setScale(700)
            .setBits(19)
            .setRotationSeed(ByteString.copyFrom(new byte[32]))
            .setNoiseSigma(113)
            .build();
    private static final double[] ODD = {
        0,
        -0.0,
        -1,
        1,
        4,
        3.999,
        4.5,
        8,
        32,
        33,
        113,
        1e-300,
        1e6,
        1e9,
        1e300,
        1 << 20,
        1 << 24,
        (1 << 24) + 1,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        Integer.MIN_VALUE
    };

    @Test
    void aMessageAndItsParametersSayTheSame() {
        var parameters = EncodingParameters.of(GOOD);
        assertThat(parameters.toMessage()).isEqualTo(GOOD);
        assertThat(parameters.paddedDimension()).isEqualTo(8192);
        assertThat(EncodingParameters.of(parameters.toMessage())).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 4", "1024, 1024", "1025, 2048", "16777216, 16777216"})
    void paddingGoesToTheNextPowerOfTwo(int dimension, int padded) {
        assertThat(EncodingParameters.of(
                                GOOD.toBuilder().setDimension(dimension).build())
                        .paddedDimension())
                .isEqualTo(padded);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, (1 << 24) + 1})
    void anImpossibleDimensionIsRefused(int dimension) {
        refused(GOOD.toBuilder().setDimension(dimension), "dimension");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1.1e6})
    void anImpossibleClipNormIsRefused(double norm) {
        refused(GOOD.toBuilder().setClipNorm(norm), "clip norm");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1.1e9})
    void anImpossibleScaleIsRefused(double scale) {
        refused(GOOD.toBuilder().setScale(scale), "scale");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 33, -8})
    void anImpossibleNumberOfBitsIsRefused(int bits) {
        refused(GOOD.toBuilder().setBits(bits), "bits");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-4, 3, 3.5, 4.5, Double.NaN, Double.POSITIVE_INFINITY, (1 << 20) + 1})
    void noiseThatTheSamplerCannotDrawExactlyIsRefused(double sigma) {
        refused(GOOD.toBuilder().setNoiseSigma(sigma), "noise sigma");
    }

    @Test
    void aSeedOfAnotherLengthIsRefused() {
        refused(GOOD.toBuilder().setRotationSeed(ByteString.copyFrom(new byte[31])), "seed");
    }

    @Test
    void theBoundsThemselvesAreAllowed() {
        var builder =
                GOOD.toBuilder().setDimension(1).setBits(8).setNoiseSigma(4).setClipNorm(1e6);
        assertThat(EncodingParameters.of(builder.setScale(1 << 10).build()).bits())
                .isEqualTo(8);
        assertThat(EncodingParameters.of(
                                builder.setBits(32).setNoiseSigma(1 << 20).build())
                        .bits())
                .isEqualTo(32);
        assertThat(EncodingParameters.of(builder.setNoiseSigma(0).build()).noiseSigma())
                .isZero();
        double most = (double) (1 << 30) / 1e6;
        assertThat(EncodingParameters.of(builder.setScale(most).build()).scale())
                .isEqualTo(most);
        refused(builder.setScale(most * 1.0000001), "scale");
    }

    @Test
    void seedsAreEqualByTheirBytes() {
        byte[] bytes = new byte[32];
        var seed = RotationSeed.of(bytes);
        bytes[0] = 1;
        assertThat(seed).isEqualTo(RotationSeed.of(new byte[32])).isNotEqualTo(RotationSeed.of(bytes));
        assertThat(seed).hasSameHashCodeAs(RotationSeed.of(new byte[32]));
        seed.bytes()[0] = 1;
        assertThat(seed.bytes()).containsOnly(0);
        assertThat(RotationSeed.of(bytes)).hasToString("01" + "00".repeat(31));
    }

    @FuzzTest
    void termsAreTakenWholeOrRefusedForAReason(FuzzedDataProvider data) {
        var encoding = Encoding.newBuilder()
                .setDimension(data.consumeInt())
                .setClipNorm(data.consumeDouble())
                .setScale(data.consumeDouble())
                .setBits(data.consumeInt())
                .setNoiseSigma(data.consumeDouble())
                .setRotationSeed(ByteString.copyFrom(data.consumeBytes(33)));
        var privacy = Privacy.newBuilder()
                .setEpsilonMax(data.consumeDouble())
                .setDelta(data.consumeDouble())
                .setNoiseMultiplier(data.consumeDouble())
                .setParticipationsMax(data.consumeInt());
        var cohort = Cohort.newBuilder()
                .setSizeMin(data.consumeInt())
                .setSizeMax(data.consumeInt())
                .setDropoutBound(data.consumeDouble())
                .setCorruptionBound(data.consumeDouble());
        assertTakenOrRefused(encoding.build(), privacy.build(), cohort.build());
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void goodTermsWithAnOddValueOrTwoAreTakenWholeOrRefusedForAReason(long seed) {
        var random = new SplittableRandom(seed);
        int taken = 0;
        for (int i = 0; i < 2000; i++) {
            var encoding = GOOD.toBuilder();
            var privacy = Privacy.newBuilder().setEpsilonMax(10).setDelta(1e-8).setParticipationsMax(6);
            var cohort = Cohort.newBuilder().setSizeMin(180).setSizeMax(200).setDropoutBound(0.1);
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                change(encoding, privacy, cohort, random.nextInt(12), ODD[random.nextInt(ODD.length)]);
            }
            taken += assertTakenOrRefused(encoding.build(), privacy.build(), cohort.build()) ? 1 : 0;
        }
        assertThat(taken).as("of 2000 taken").isBetween(600, 1400);
    }

    private static void change(
            Encoding.Builder encoding, Privacy.Builder privacy, Cohort.Builder cohort, int field, double value) {
        switch (field) {
            case 0 -> encoding.setDimension((int) value);
            case 1 -> encoding.setClipNorm(value);
            case 2 -> encoding.setScale(value);
            case 3 -> encoding.setBits((int) value);
            case 4 -> encoding.setNoiseSigma(value);
            case 5 -> encoding.setRotationSeed(ByteString.copyFrom(new byte[Math.floorMod((int) value, 34)]));
            case 6 -> privacy.setEpsilonMax(value);
            case 7 -> privacy.setDelta(value);
            case 8 -> privacy.setParticipationsMax((int) value);
            case 9 -> cohort.setSizeMin((int) value);
            case 10 -> cohort.setSizeMax((int) value);
            default -> cohort.setCorruptionBound(value);
        }
    }

    /** Whether they were taken; then they keep every promise that the types make. */
    private static boolean assertTakenOrRefused(Encoding encoding, Privacy privacy, Cohort cohort) {
        try {
            NoisePlan plan = NoisePlan.verify(encoding, privacy, cohort);
            assertThat(plan.encoding().toMessage()).isEqualTo(encoding);
            assertThat(plan.honestMin()).isPositive();
            assertThat(plan.encoding().paddedDimension()).isBetween(1, EncodingParameters.DIMENSION_MAX);
            if (plan.isPrivate()) {
                assertThat(plan.epsilon()).isLessThanOrEqualTo(privacy.getEpsilonMax() * (1 + 1e-8));
                assertThat(plan.encoding().noiseSigma()).isGreaterThanOrEqualTo(4);
            } else {
                assertThat(plan.epsilon()).isInfinite();
            }
            return true;
        } catch (PrivacyRefusedException e) {
            assertThat(e).hasMessageMatching("(?s).{10,}");
            return false;
        }
    }

    private static void refused(Encoding.Builder message, String field) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EncodingParameters.of(message.build()))
                .withMessageContaining(field);
    }
}
