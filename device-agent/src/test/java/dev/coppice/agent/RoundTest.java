package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Participation.DroppedOut;
import dev.coppice.agent.Participation.NothingToDo;
import dev.coppice.agent.Participation.Refused;
import dev.coppice.agent.Participation.TookPart;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.store.Releases;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Step;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.protocol.round.AgentVersions;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.DeviceSpent;
import dev.coppice.protocol.round.ExampleCount;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real agents, keys, masks, noise and training; only the aggregator is a fake, and it speaks the real protocol. */
@Timeout(120)
class RoundTest extends InTestWorld {
    private int strangers;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
    void theSumOfTheUpdatesMakesABetterModel(KeyAgreement agreement) throws Exception {
        world.hybridKeysOnly = agreement == KeyAgreement.X25519_MLKEM768;
        RoundTerms.Builder terms = world.terms("round-1").setKeyAgreement(agreement);
        world.aggregator.open(terms, TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, NO_LIMIT, everyone(world.aggregator))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            float[] mean = new SumDecoder(EncodingParameters.of(terms.getEncoding())).decode(world.aggregator.sum());
            for (int i = 0; i < mean.length; i++) {
                mean[i] /= TestWorld.DEVICES;
            }
            List<Example> others = TestWorld.examples(100, 99);
            Evaluation before = fleet.agent(0).evaluate(others, Source.CANDIDATE);
            double after = loss(world.kit.initial().plus(mean), others);
            assertThat(after).isLessThan(before.loss() - 0.05);
        }
    }

    /** Devices train on 16 of their 20 examples. */
    @Test
    void whoHasFewerExamplesThanCountFullyHandsInAShorterUpdate() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, NO_LIMIT, everyone(world.aggregator))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            double alike = length(world.aggregator.sum());
            for (int full : List.of(16, 160)) {
                RoundTerms.Builder terms = world.terms("round-of-" + full);
                terms.getTrainingBuilder().setFullWeightExamples(full);
                world.aggregator.open(terms, TestWorld.DEVICES);
                assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
                double part = length(world.aggregator.sum()) / alike;
                assertThat(part).isCloseTo(16.0 / full, withinPercentage(30));
            }
        }
    }

    private double length(int[] sum) throws Exception {
        EncodingParameters encoding = EncodingParameters.of(world.terms("any").getEncoding());
        double squares = 0;
        for (float value : new SumDecoder(encoding).decode(sum)) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    /** Too many for all to be neighbours of all: some are asked for their nonces, which decide the graph. */
    @Test
    void inALargeCohortAgentsOpenTheNoncesThatDrawTheGraph() throws Exception {
        int devices = 40;
        CohortBounds bounds = new CohortBounds(devices, devices, 0.1, 0.05);
        NoisePlan plan = NoisePlan.off(bounds, world.kit.layout().count(), TestWorld.CLIP, new byte[32]);
        RoundTerms.Builder terms =
                world.terms("round-1", world.kit.initial(), plan).setCohort(bounds.toMessage());
        world.aggregator.open(terms, devices);
        Set<String> asked = ConcurrentHashMap.newKeySet();
        List<Transport> transports = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            String name = "agent-" + i;
            transports.add(request -> {
                if (request.path().endsWith("/open")) {
                    assertThat(asked.add(name)).as("opened once").isTrue();
                }
                return world.aggregator.exchange(request);
            });
        }
        try (Fleet fleet = new Fleet(world, NO_LIMIT, transports)) {
            assertThat(fleet.takePart()).hasSize(devices).hasOnlyElementsOfType(TookPart.class);
        }
        assertThat(asked).hasSize(24);
        assertThat(world.aggregator.opened()).containsExactly(24, 24);
        float[] mean = new SumDecoder(plan.encoding()).decode(world.aggregator.sum());
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= devices;
        }
        List<Example> others = TestWorld.examples(100, 99);
        double before = loss(world.kit.initial(), others);
        assertThat(loss(world.kit.initial().plus(mean), others)).isLessThan(before - 0.05);
    }

    @Test
    void bytesAndStepsAreReported() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, NO_LIMIT, everyone(world.aggregator))) {
            TookPart first = (TookPart) fleet.takePart().get(0);
            assertThat(first.steps()).isEqualTo(12);
            assertThat(first.loss()).isBetween(0.0, 1.0);
            assertThat(first.roundId()).isEqualTo("round-1");
            assertThat(first.bytesUp()).isGreaterThan(2L * world.kit.layout().count());
            assertThat(first.bytesDown()).isGreaterThan(4L * world.kit.layout().count());
        }
    }

    /** Looks at the ledger's file in the moment that the masked update would leave. */
    @Test
    void noMaskedUpdateLeavesBeforeItsChargeIsOnTheDisk() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 8), TestWorld.DEVICES);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        List<Transport> transports = new ArrayList<>();
        for (int i = 0; i < TestWorld.DEVICES; i++) {
            String name = "agent-" + i;
            transports.add(request -> {
                if (request.path().endsWith("/masked")) {
                    seen.add(name + " " + chargedOnDisk(name, "round-1"));
                } else {
                    boolean sent = request.path().endsWith("/unmask") || seen.contains(name + " true");
                    assertThat(chargedOnDisk(name, "round-1")).isEqualTo(sent);
                }
                return world.aggregator.exchange(request);
            });
        }
        try (Fleet fleet = new Fleet(world, PrivacyBudget.DEFAULT, transports)) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "agent-0 true", "agent-1 true", "agent-2 true", "agent-3 true", "agent-4 true");
    }

    @Test
    void theLedgerShowsWhatTheTermsPromised() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 7.5), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, PrivacyBudget.DEFAULT, everyone(world.aggregator))) {
            for (Participation result : fleet.takePart()) {
                assertThat(((TookPart) result).epsilonSpent()).isBetween(6.0, 8.0);
            }
            assertThat(fleet.agent(0).epsilonSpent()).isBetween(6.0, 8.0);
        }
    }

    @Test
    void aSecondRoundThatWouldOverrunTheBudgetIsRefusedBeforeTraining() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 7.5), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, PrivacyBudget.DEFAULT, everyone(world.aggregator))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            world.aggregator.open(world.privateTerms("round-2", 7.5), TestWorld.DEVICES);
            assertRefused(Reason.BUDGET_SPENT, fleet.agent(0).takePart());
        }
    }

    @Test
    void aDeviceWhoseRoundsAreUsedUpDoesNotEvenAsk() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        PeriodBudget one = new PeriodBudget(Double.POSITIVE_INFINITY, 1e-8, 1, Duration.ofDays(30));
        Set<String> asked = ConcurrentHashMap.newKeySet();
        Transport noted = request -> {
            asked.add(request.path());
            return world.aggregator.exchange(request);
        };
        try (Fleet fleet = new Fleet(world, new PrivacyBudget(one, 0), everyone(noted))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            asked.clear();
            assertRefused(Reason.BUDGET_SPENT, fleet.agent(0).takePart());
            assertThat(asked).isEmpty();
            world.clock.advance(one.period());
            fleet.agent(0).takePart();
            assertThat(asked).as("a period later").contains("/v1/checkin");
        }
    }

    /** Its home was set back to an older copy: what the aggregator still knows is as good as charged. */
    @Test
    void aDeviceThatForgotItsRoundsTakesThemOverFromTheAggregator() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
            world.aggregator.say(world.serverKey, spent("device-0", 7, 7 / 32.0));
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            assertThat(agent.privacySpent().together().inPeriod()).isEqualTo(new Total(7, 7 / 32.0));
            world.aggregator.say(world.serverKey, spent("device-0", 2, 0));
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            assertThat(agent.privacySpent().together().inPeriod())
                    .as("never less")
                    .isEqualTo(new Total(7, 7 / 32.0));
            world.aggregator.say(world.serverKey, spent("device-0", 8, 8 / 32.0));
            world.aggregator.open(world.privateTerms("round-1", 3), TestWorld.DEVICES);
            assertRefused(Reason.BUDGET_SPENT, agent.takePart());
        }
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.privacySpent().together().inPeriod()).isEqualTo(new Total(8, 8 / 32.0));
        }
    }

    /** Else anybody on the way could keep a device from taking part. */
    @Test
    void whatAnybodyElseSaysOfADevicesRoundsIsNotBelieved() throws Exception {
        world.aggregator.say(TestWorld.key(66), spent("device-0", 8, 0.25));
        assertRefused(Reason.TERMS_REFUSED);
        world.aggregator.say(world.serverKey, spent("device-77", 8, 0.25));
        assertRefused(Reason.TERMS_REFUSED);
        for (double rho : new double[] {-1, Double.NaN, Double.NEGATIVE_INFINITY}) {
            world.aggregator.say(world.serverKey, spent("device-" + strangers, 8, rho));
            assertRefused(Reason.TERMS_REFUSED);
        }
        for (int participations : new int[] {-1, 1_000_001}) {
            world.aggregator.say(world.serverKey, spent("device-" + strangers, participations, 0.25));
            assertRefused(Reason.TERMS_REFUSED);
        }
    }

    private static DeviceSpent spent(String deviceId, int participations, double rho) {
        return DeviceSpent.newBuilder()
                .setDeviceId(deviceId)
                .setParticipations(participations)
                .setRho(rho)
                .build();
    }

    @Test
    void agentsOfOneDeviceShareItsLedger() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 7.5), TestWorld.DEVICES);
        try (Ledger shared = Ledger.openShared(folder.resolve("shared"), KeyVault.inHome());
                Agent another = TestWorld.open(
                        world.config("another", world.aggregator).ledger(shared).build());
                Fleet others = new Fleet(
                        world, PrivacyBudget.DEFAULT, everyone(world.aggregator).subList(0, TestWorld.DEVICES - 1))) {
            another.addExamples(TestWorld.examples(20, 5));
            another.enrol(new byte[32]);
            var results = others.takePartWith(another);
            assertThat(results).hasOnlyElementsOfType(TookPart.class);
            assertThat(another.privacySpent().bySkill()).containsOnlyKeys("lights");
            try (Agent same = TestWorld.open(
                    world.config("same", world.aggregator).ledger(shared).build())) {
                assertThat(same.privacySpent()).isEqualTo(another.privacySpent());
                assertThat(same.epsilonSpent()).isBetween(6.0, 8.0);
            }
            assertThat(shared.ever().participations()).as("still open").isEqualTo(1);
        }
    }

    @Test
    void lostRequestsAndLostRepliesChangeNothing() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        List<Transport> transports = new ArrayList<>();
        for (int i = 0; i < TestWorld.DEVICES; i++) {
            transports.add(new Flaky(world.aggregator, i));
        }
        try (Fleet fleet = new Fleet(world, NO_LIMIT, transports)) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
        }
        assertThat(world.aggregator.maskedInputs()).isEqualTo(TestWorld.DEVICES);
        assertThat(world.aggregator.sum()).isNotEmpty();
    }

    @Test
    void aRoundGoesOnWithoutADeviceThatVanishesBeforeItsUpdate() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES - 1);
        List<Transport> transports = new ArrayList<>(everyone(world.aggregator));
        transports.set(2, goneAt("/masked", world.aggregator));
        try (Fleet fleet = new Fleet(world, NO_LIMIT, transports)) {
            List<Participation> results = new ArrayList<>(fleet.takePart());
            DroppedOut gone = (DroppedOut) results.remove(2);
            assertThat(gone.step()).isEqualTo(Step.MASKED_INPUT);
            assertThat(gone.charged()).as("never refunded").isTrue();
            assertThat(results).hasOnlyElementsOfType(TookPart.class);
        }
        assertThat(world.aggregator.sum()).isNotEmpty();
    }

    @Test
    void aRestartedAgentNeverEntersTheSameRoundAgain() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        Transport dies = goneAt("/poll", world.aggregator);
        try (Agent agent = world.agent("agent-0", dies, NO_LIMIT)) {
            DroppedOut result = (DroppedOut) agent.takePart();
            assertThat(result.step()).isEqualTo(Step.ADVERTISE);
            assertThat(result.charged()).isFalse();
        }
        try (Agent agent = TestWorld.open(
                world.config("agent-0", world.aggregator).budget(NO_LIMIT).build())) {
            assertThat(agent.isEnrolled()).isTrue();
            assertThat(agent.exampleCount()).isEqualTo(20);
            assertRefused(Reason.ALREADY_ENTERED, agent.takePart());
        }
    }

    /**
     * Dies in the moment that its shares would leave, and comes back. The aggregator may have got them or not: a second
     * message, about other survivors, is never given.
     */
    @Test
    void aDeviceThatDiesBeforeItsSharesLeaveKnowsThatTheyMayHaveLeft() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        List<Transport> transports = new ArrayList<>(everyone(world.aggregator));
        transports.set(0, request -> {
            assertThat(releasedOnDisk("agent-0", "round-1"))
                    .isEqualTo(request.path().endsWith("/unmask"));
            return goneAt("/unmask", world.aggregator).exchange(request);
        });
        try (Fleet fleet = new Fleet(world, NO_LIMIT, transports)) {
            DroppedOut result = (DroppedOut) fleet.takePart().get(0);
            assertThat(result.step()).isEqualTo(Step.UNMASK);
            assertThat(result.charged()).isTrue();
        }
        assertThat(releasedOnDisk("agent-0", "round-1")).isTrue();
        Transport silent = request -> {
            assertThat(request.path()).doesNotStartWith("/v1/rounds/");
            return world.aggregator.exchange(request);
        };
        try (Agent agent =
                TestWorld.open(world.config("agent-0", silent).budget(NO_LIMIT).build())) {
            assertRefused(Reason.ALREADY_ENTERED, agent.takePart());
        }
    }

    @Test
    void termsThatAnotherKeySignedAreRefused() throws Exception {
        var terms = world.terms("round-1").build();
        world.aggregator.offer(dev.coppice.crypto.signing.SignedMessages.sign(
                TestWorld.key(66), dev.coppice.crypto.signing.Purpose.ROUND_TERMS, terms));
        assertRefused(Reason.TERMS_REFUSED);
    }

    @Test
    void termsWithLessNoiseThanTheDeviceInsistsOnAreRefused() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 7.5), TestWorld.DEVICES);
        assertRefused(Reason.TOO_LITTLE_NOISE, new PrivacyBudget(PeriodBudget.DEFAULT, 5));
        world.aggregator.open(world.terms("round-2"), TestWorld.DEVICES);
        assertRefused(Reason.TOO_LITTLE_NOISE, PrivacyBudget.DEFAULT);
    }

    /** The aggregator signs the terms: were its word enough, it could claim that nobody works with it. */
    @Test
    void termsThatReckonWithFewerBadDevicesThanPromisedAreRefused() throws Exception {
        RoundTerms.Builder terms = world.terms("round-1");
        terms.getCohortBuilder().setCorruptionBound(0.049);
        world.aggregator.open(terms, TestWorld.DEVICES);
        assertRefused(Reason.TOO_MUCH_TRUST);
    }

    @Test
    void termsThatPromiseMoreThanTheirNoiseGivesAreRefused() throws Exception {
        RoundTerms.Builder terms = world.privateTerms("round-1", 7.5);
        terms.getEncodingBuilder().setNoiseSigma(Math.rint(terms.getEncoding().getNoiseSigma() / 2));
        world.aggregator.open(terms, TestWorld.DEVICES);
        assertRefused(Reason.TOO_LITTLE_NOISE, PrivacyBudget.DEFAULT);
    }

    /** Defence: {@code serverNoise} in {@code OwnRules}: nobody can check that an aggregator adds any noise. */
    @Test
    void anAggregatorsWordForItsNoiseIsNotTakenUnlessTheAppSaysSo() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 7.5, NoiseSource.SERVER), TestWorld.DEVICES);
        assertRefused(Reason.TOO_MUCH_TRUST, PrivacyBudget.DEFAULT);
        world.insecureServerNoise = true;
        assertCharged(NoiseSource.SERVER);
    }

    /** What others add is not reckoned with: a device charges as if its own noise were all there is. */
    @Test
    void noiseOfOnesOwnAloneIsChargedAsThat() throws Exception {
        assertCharged(NoiseSource.OWN_DEVICE);
    }

    private void assertCharged(NoiseSource source) throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 7.5, source), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, PrivacyBudget.DEFAULT, everyone(world.aggregator))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            assertThat(fleet.agent(0).epsilonSpent()).isBetween(7.4, 7.51);
        }
    }

    /** Defence: {@code hybridKeysOnly} in {@code OwnRules}. */
    @Test
    void whoInsistsOnHybridKeysStaysOutOfOtherRounds() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        world.hybridKeysOnly = true;
        assertRefused(Reason.KEYS_NOT_HYBRID);
    }

    @Test
    void anotherSkillModelKitOrTooMuchWorkIsRefused() throws Exception {
        world.aggregator.open(world.terms("round-1").setSkill("other"), TestWorld.DEVICES);
        assertRefused(Reason.OTHER_SKILL);
        world.aggregator.open(world.terms("round-1").setBaseModelSha256("0".repeat(64)), TestWorld.DEVICES);
        assertRefused(Reason.OTHER_BASE_MODEL);
        world.aggregator.open(world.terms("round-1").setKitSha256("0".repeat(64)), TestWorld.DEVICES);
        assertRefused(Reason.OTHER_KIT);
        world.aggregator.open(world.terms("round-1").setKitSpec(ByteString.copyFromUtf8("{}")), TestWorld.DEVICES);
        assertRefused(Reason.OTHER_KIT);
        RoundTerms.Builder long_ = world.terms("round-1");
        long_.getTrainingBuilder().setLocalSteps(1_001);
        world.aggregator.open(long_, TestWorld.DEVICES);
        assertRefused(Reason.TOO_MUCH_WORK);
        RoundTerms.Builder wild = world.terms("round-1");
        wild.getTrainingBuilder().setLearningRate(1.5f);
        world.aggregator.open(wild, TestWorld.DEVICES);
        assertRefused(Reason.TERMS_REFUSED);
        int more = world.kit.layout().count() + 1;
        NoisePlan longer = NoisePlan.off(TestWorld.bounds(), more, TestWorld.CLIP, new byte[32]);
        world.aggregator.open(world.terms("round-1", world.kit.initial(), longer), TestWorld.DEVICES);
        assertRefused(Reason.OTHER_KIT);
    }

    @Test
    void aCandidateThatIsNotTheSignedOneOrDoesNotFitIsRefused() throws Exception {
        RoundTerms.Builder terms = world.terms("round-1");
        world.aggregator.open(terms, TestWorld.DEVICES);
        world.aggregator.tamper(terms.getCandidateSha256(), new byte[100]);
        assertRefused(Reason.CANDIDATE_REFUSED);
        float[] values = new float[world.kit.layout().count()];
        byte[] another = Safetensors.write(AdapterWeights.of(world.kit.layout(), values));
        world.aggregator.tamper(terms.getCandidateSha256(), another);
        assertRefused(Reason.CANDIDATE_REFUSED);
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("other", List.of(values.length))));
        world.aggregator.open(
                world.terms(
                        "round-1",
                        AdapterWeights.of(layout, values),
                        NoisePlan.off(TestWorld.bounds(), values.length, TestWorld.CLIP, new byte[32])),
                TestWorld.DEVICES);
        assertRefused(Reason.CANDIDATE_REFUSED);
        byte[] junk = {1, 2, 3};
        world.aggregator.put(junk);
        world.aggregator.open(terms.setCandidateSha256(dev.coppice.crypto.Sha256.hex(junk)), TestWorld.DEVICES);
        assertRefused(Reason.CANDIDATE_REFUSED);
    }

    @Test
    void aDeviceWithTooFewExamplesStaysOut() throws Exception {
        RoundTerms.Builder terms = world.terms("round-1");
        terms.getTrainingBuilder().setExamplesMin(17);
        world.aggregator.open(terms, TestWorld.DEVICES);
        assertRefused(Reason.TOO_FEW_EXAMPLES);
    }

    @Test
    void whereThereIsNoRoundTheDeviceIsToldWhenToComeBack() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            assertThat(agent.takePart()).isEqualTo(new NothingToDo(Duration.ofMinutes(1)));
        }
    }

    /** 16 examples to train on are between 16 and 63 to the aggregator. */
    @Test
    void aCheckInTellsWhatEligibilityNeedsAndNothingFiner() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            agent.takePart();
        }
        CheckIn told = world.aggregator.lastCheckIn();
        assertThat(told.getSkill()).isEqualTo("lights");
        assertThat(told.getDeviceClass()).isEqualTo("default");
        assertThat(told.getExamples()).isEqualTo(ExampleCount.FROM_16);
        assertThat(AgentVersions.text(told.getAgentVersion()))
                .matches("[0-9]+\\.[0-9]+")
                .isNotEqualTo("0.0");
        assertThat(told.getUnknownFields().asMap()).isEmpty();
        assertThat(CheckIn.getDescriptor().getFields())
                .as("what else is told belongs here")
                .hasSize(8);
    }

    @Test
    void aDeviceThatIsNotEnrolledOrWhoseCertificateIsOverStaysOut() throws Exception {
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertRefused(Reason.NOT_ENROLLED, agent.takePart());
            agent.enrol(new byte[32]);
            assertThat(agent.isEnrolled()).isTrue();
            world.aggregator.isRenewing = false;
            world.clock.advance(Duration.ofDays(91));
            assertThat(agent.isEnrolled()).isFalse();
            assertRefused(Reason.NOT_ENROLLED, agent.takePart());
        }
    }

    @Test
    void noTextOrLabelIsInAnythingThatLeavesTheDevice() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        Set<String> sent = Collections.synchronizedSet(new HashSet<>());
        Transport spy = request -> {
            sent.add(request.body().toString(java.nio.charset.StandardCharsets.ISO_8859_1) + request.path());
            return world.aggregator.exchange(request);
        };
        try (Fleet fleet = new Fleet(world, NO_LIMIT, everyone(spy))) {
            for (Participation result : fleet.takePart()) {
                sent.add(result.toString());
            }
        }
        assertThat(sent)
                .hasSizeGreaterThan(20)
                .allSatisfy(body -> assertThat(body).doesNotContain(" dark ", " bright "));
    }

    private void assertRefused(Reason reason) throws Exception {
        assertRefused(reason, NO_LIMIT);
    }

    /** A fresh agent meets what the aggregator offers, and nothing is charged. */
    private void assertRefused(Reason reason, PrivacyBudget budget) throws Exception {
        String name = "agent-" + strangers++;
        try (Agent agent = world.agent(name, world.aggregator, budget)) {
            assertRefused(reason, agent.takePart());
            assertThat(agent.epsilonSpent()).isZero();
        }
    }

    private static void assertRefused(Reason reason, Participation result) {
        assertThat(result).isInstanceOf(Refused.class);
        assertThat(((Refused) result).reason()).as(result.toString()).isEqualTo(reason);
    }

    private double loss(AdapterWeights weights, List<Example> examples) throws Exception {
        try (OwnEngines engines = new OwnEngines(1, EngineKind.ORT_TRAINING)) {
            return new Classroom(world.model, world.kit, engines)
                    .judge(weights, examples)
                    .loss();
        }
    }

    private boolean chargedOnDisk(String name, String roundId) throws IOException {
        Path copy = Files.createTempDirectory(folder, "ledger");
        Files.copy(world.home(name).resolve("ledger"), copy.resolve("ledger"));
        try (StorageKey key = HomeKey.open(world.home(name), KeyVault.inHome());
                Ledger ledger = Ledger.open(copy, key)) {
            return ledger.hasCharged(roundId);
        }
    }

    private boolean releasedOnDisk(String name, String roundId) throws IOException {
        Path copy = Files.createTempDirectory(folder, "copy").resolve("releases");
        Files.copy(world.home(name).resolve("releases"), copy);
        try (StorageKey key = HomeKey.open(world.home(name), KeyVault.inHome());
                Releases releases = Releases.open(copy, key)) {
            return releases.contains(roundId);
        }
    }

    private static List<Transport> everyone(Transport transport) {
        return Collections.nCopies(TestWorld.DEVICES, transport);
    }

    private static Transport goneAt(String endpoint, Transport behind) {
        return request -> {
            if (request.path().endsWith(endpoint)) {
                throw new DeviceGoneException("out of reach");
            }
            return behind.exchange(request);
        };
    }

    /** Loses every third request on its way, every fifth reply on its way back, and sometimes answers 503. */
    private static final class Flaky implements Transport {
        private final Transport behind;
        private int requests;

        Flaky(Transport behind, int start) {
            this.behind = behind;
            this.requests = start;
        }

        @Override
        public Reply exchange(Request request) throws IOException, InterruptedException {
            requests++;
            if (requests % 7 == 0) {
                return new Reply(503, ByteString.EMPTY);
            }
            if (requests % 3 == 0) {
                throw new IOException("lost on the way");
            }
            Reply reply = behind.exchange(request);
            if (requests % 5 == 0) {
                throw new IOException("lost on the way back");
            }
            return reply;
        }
    }
}
