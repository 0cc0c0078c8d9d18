package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.FactorSet;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.RoundTerms;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Terms that even the pinned server may not set. Defence: the lines of {@link TermsRules}, one for each field. */
class TermsTest {
    private static final RoundWorld WORLD = new RoundWorld(12, 0, RoundWorld.terms(16, 0.05, 0.2));

    private static Arguments out(String field, Consumer<RoundTerms.Builder> change) {
        return arguments(field, change);
    }

    static Stream<Arguments> outOfRange() {
        return Stream.of(
                out("round_id", t -> t.setRoundId("../round")),
                out("task_id", t -> t.setTaskId("")),
                out("skill", t -> t.setSkill("Intents")),
                out("number", t -> t.setNumber(0)),
                out("number", t -> t.setNumber(-1)),
                out("base_model_sha256", t -> t.setBaseModelSha256("A".repeat(64))),
                out("kit_sha256", t -> t.setKitSha256("b".repeat(63))),
                out("candidate_sha256", t -> t.setCandidateSha256("../../etc/passwd")),
                out("kit_spec", t -> t.setKitSpec(ByteString.copyFrom(new byte[16 * 1024 + 1]))),
                out("opened_epoch_millis", t -> t.setOpenedEpochMillis(0)),
                out("key_agreement", t -> t.setKeyAgreementValue(2)),
                out("local_steps", t -> t.getTrainingBuilder().setLocalSteps(0)),
                out("local_steps", t -> t.getTrainingBuilder().setLocalSteps(100_001)),
                out("learning_rate", t -> t.getTrainingBuilder().setLearningRate(0)),
                out("learning_rate", t -> t.getTrainingBuilder().setLearningRate(Float.NaN)),
                out("learning_rate", t -> t.getTrainingBuilder().setLearningRate(11)),
                out("examples_min", t -> t.getTrainingBuilder().setExamplesMin(-1)),
                out("full_weight_examples", t -> t.getTrainingBuilder().setFullWeightExamples(-1)),
                out("trained", t -> t.getTrainingBuilder().setTrainedValue(3)),
                out("uploaded", t -> t.getTrainingBuilder().setUploadedValue(3)),
                out(
                        "uploaded",
                        t -> t.getTrainingBuilder()
                                .setTrained(FactorSet.A_FACTORS)
                                .setUploaded(FactorSet.B_FACTORS)),
                out("uploaded", t -> t.getTrainingBuilder().setTrained(FactorSet.A_FACTORS)),
                out("dimension", t -> t.getEncodingBuilder().setDimension(0)),
                out("dimension", t -> t.getEncodingBuilder().setDimension((1 << 23) + 1)),
                out("bits", t -> t.getEncodingBuilder().setBits(7)),
                out("bits", t -> t.getEncodingBuilder().setBits(33)),
                out("clip_norm", t -> t.getEncodingBuilder().setClipNorm(0)),
                out("clip_norm", t -> t.getEncodingBuilder().setClipNorm(Double.POSITIVE_INFINITY)),
                out("scale", t -> t.getEncodingBuilder().setScale(-1)),
                out("scale", t -> t.getEncodingBuilder().setScale(Double.NaN)),
                out("rotation_seed", t -> t.getEncodingBuilder().setRotationSeed(ByteString.copyFrom(new byte[31]))),
                out("noise_sigma", t -> t.getEncodingBuilder().setNoiseSigma(-1)),
                out("noise_sigma", t -> t.getEncodingBuilder().setNoiseSigma(Double.NaN)),
                out("noise_multiplier", t -> t.getPrivacyBuilder().setNoiseMultiplier(Double.NaN)),
                out("epsilon_max", t -> t.getPrivacyBuilder().setEpsilonMax(-1)),
                out("delta", t -> t.getPrivacyBuilder().setDelta(1)),
                out("delta", t -> t.getPrivacyBuilder().setDelta(-1e-9)),
                out("participations_max", t -> t.getPrivacyBuilder().setParticipationsMax(-1)),
                out("source", t -> t.getPrivacyBuilder().setSourceValue(3)),
                out("server_sigma", t -> t.getPrivacyBuilder().setServerSigma(-1)),
                out("server_sigma", t -> t.getPrivacyBuilder().setServerSigma(Double.POSITIVE_INFINITY)),
                out("size_min", t -> t.getCohortBuilder().setSizeMin(2)),
                out("size_max", t -> t.getCohortBuilder().setSizeMax(2)),
                out("size_max", t -> t.getCohortBuilder().setSizeMax(10_001)),
                out("dropout_bound", t -> t.getCohortBuilder().setDropoutBound(-0.1)),
                out("dropout_bound", t -> t.getCohortBuilder().setDropoutBound(0.91)),
                out("group_size", t -> t.getCohortBuilder().setSizeMin(5).setGroupSize(2)),
                out("group_size", t -> t.getCohortBuilder().setSizeMin(5).setGroupSize(6)),
                out("corruption_bound", t -> t.getCohortBuilder().setCorruptionBound(Double.NaN)),
                out("corruption_bound", t -> t.getCohortBuilder().setCorruptionBound(0.91)));
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("outOfRange")
    void aFieldOutOfRangeIsRefusedByItsName(String field, Consumer<RoundTerms.Builder> change) throws Exception {
        RoundTerms.Builder terms = RoundWorld.terms(16, 0.05, 0.2);
        assertThat(WORLD.verified(terms.build()).roundId()).isEqualTo("round-1");
        change.accept(terms);
        assertThatThrownBy(() -> WORLD.verified(terms.build()))
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Rule.TERMS_OUT_OF_RANGE + ": " + field));
    }

    static Stream<Arguments> otherMetrics() {
        return Stream.of(
                out("training", t -> t.getTrainingBuilder().setLocalSteps(1)),
                out("pack_version", t -> t.getMetricsBuilder().setPackVersion(-1)),
                out("pack_version", t -> t.getMetricsBuilder().setSubject(MetricsSubject.PERSONAL_ADAPTERS)),
                out(
                        "metrics",
                        t -> t.getMetricsBuilder().setPackVersion(0).setSubject(MetricsSubject.PERSONAL_ADAPTERS)),
                out("subject", t -> t.getMetricsBuilder().setSubjectValue(2)),
                out("metrics", t -> t.getEncodingBuilder().setDimension(19)),
                out("metrics", t -> t.getEncodingBuilder().setDimension(1 << 16)),
                out("metrics", t -> t.getMetricsBuilder().addDeviceClasses("tablet")),
                out("metrics", t -> t.getEncodingBuilder().setClipNorm(Math.nextUp(MetricsLayout.CLIP_NORM))),
                out("metrics", t -> t.getEncodingBuilder().setClipNorm(1000)),
                out("metrics", t -> t.getEncodingBuilder().setIndicator(0.1)),
                out("device_classes", t -> t.getMetricsBuilder().addDeviceClasses("phone")),
                out("device_classes", t -> t.getMetricsBuilder().addDeviceClasses("a")),
                out("device_classes", t -> t.getMetricsBuilder().addDeviceClasses("Tablet")),
                out("device_classes", t -> {
                    for (int i = 100; i < 162; i++) {
                        t.getMetricsBuilder().addDeviceClasses("z" + i);
                    }
                }));
    }

    /** A round of metrics asks for the agreed figures, clipped to the agreed norm, and for nothing else. */
    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("otherMetrics")
    void otherMetricsThanAgreedAreRefused(String field, Consumer<RoundTerms.Builder> change) throws Exception {
        RoundTerms.Builder terms = RoundWorld.terms(16, 0.05, 0.2).clearTraining();
        terms.getMetricsBuilder().setPackVersion(2).addDeviceClasses("phone").addDeviceClasses("slow-phone");
        terms.getEncodingBuilder().setDimension(18).setClipNorm(MetricsLayout.CLIP_NORM);
        assertThat(WORLD.verified(terms.build()).roundId()).isEqualTo("round-1");
        change.accept(terms);
        assertThatThrownBy(() -> WORLD.verified(terms.build()))
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Rule.TERMS_OUT_OF_RANGE + ": " + field));
    }

    @Test
    void signedBytesThatAreNoTermsAreRefused() {
        ByteString noise = ByteString.copyFrom(new byte[] {(byte) 0xff, 1, 2, 3});
        Signed signed = Signed.newBuilder()
                .setPayload(noise)
                .setSignature(ByteString.copyFrom(WORLD.server.sign(Purpose.ROUND_TERMS, noise.toByteArray())))
                .build();
        assertThatThrownBy(() -> VerifiedTerms.verify(signed, WORLD.server.verifyingKey()))
                .isInstanceOf(RoundRefusedException.class);
    }

    @Test
    void theHashIsThatOfTheSignedBytes() throws Exception {
        RoundTerms terms = RoundWorld.terms(16, 0.05, 0.2).build();
        VerifiedTerms verified = VerifiedTerms.verify(
                SignedMessages.sign(WORLD.server, Purpose.ROUND_TERMS, terms), WORLD.server.verifyingKey());
        assertThat(verified.hash()).isEqualTo(dev.coppice.crypto.Sha256.hash(terms.toByteArray()));
        verified.hash()[0]++;
        assertThat(verified.hash()).isEqualTo(dev.coppice.crypto.Sha256.hash(terms.toByteArray()));
    }
}
