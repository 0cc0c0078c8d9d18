package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.agent.Participation.Refused;
import dev.coppice.agent.Participation.TookPart;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.crypto.metrics.Figure;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.protocol.round.Metrics;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Training;
import dev.coppice.testkit.SeededBytes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What devices tell in rounds of metrics: the agreed figures, in the sum alone, at the price of any other round. */
@Timeout(120)
class MetricsTest extends InTestWorld {
    @Test
    void theSumTellsHowManyTriedAPackAndHowItDoes() throws Exception {
        release(1);
        try (Fleet fleet = fleet(NO_LIMIT)) {
            for (Agent agent :
                    fleet.agents().subList(0, 4)) { // the last one does not know of the pack, and takes part too
                assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            }
            fleet.agent(0).rollBack();
            fleet.agent(1).crashed();
            fleet.agent(1).crashed();

            Map<Figure, Double> told = ofAll(fleet, world.metricsTerms("round-1", 1, TestWorld.metricsPlan()));
            assertThat(told.get(Figure.TRIED)).isCloseTo(4, within(0.05));
            assertThat(told.get(Figure.WENT_BACK)).isCloseTo(1, within(0.05));
            assertThat(told.get(Figure.CRASHED)).isCloseTo(1, within(0.05));
            assertThat(told.get(Figure.JUDGED)).isCloseTo(4, within(0.05));
            assertThat(told.get(Figure.RIGHT_AFTER)).isGreaterThan(told.getOrDefault(Figure.RIGHT_BEFORE, 1.0) + 0.5);

            Map<Figure, Double> ofAnother = ofAll(fleet, world.metricsTerms("round-2", 2, TestWorld.metricsPlan()));
            assertThat(ofAnother.values()).allMatch(sum -> Math.abs(sum) < 0.05);
        }
    }

    @Test
    void aCandidateIsJudgedByEachDevicesOwnExamples() throws Exception {
        AdapterWeights candidate = trained();
        try (Fleet fleet = fleet(NO_LIMIT)) {
            RoundTerms.Builder terms = world.terms("round-1", candidate, TestWorld.metricsPlan())
                    .clearTraining()
                    .setMetrics(
                            world.metricsTerms("x", 0, TestWorld.metricsPlan()).getMetrics());
            Map<Figure, Double> told = ofAll(fleet, terms);
            assertThat(told.get(Figure.TRIED)).isCloseTo(5, within(0.05));
            assertThat(told.get(Figure.JUDGED)).isCloseTo(5, within(0.05));
            assertThat(told.get(Figure.WENT_BACK)).isCloseTo(0, within(0.05));
            assertThat(told.get(Figure.RIGHT_AFTER)).isGreaterThan(told.getOrDefault(Figure.RIGHT_BEFORE, 1.0) + 0.5);
            assertThat(fleet.agent(0).installedVersion())
                    .as("it is not installed")
                    .isZero();
        }
    }

    @Test
    void theSumTellsWhatPersonalAdaptersGainAndOfWhomNobodyKnows() throws Exception {
        MetricsLayout layout = MetricsLayout.of(MetricsSubject.PERSONAL_ADAPTERS, List.of());
        NoisePlan plan = NoisePlan.off(TestWorld.bounds(), layout.dimension(), layout.clipNorm(), new byte[32]);
        try (Fleet fleet = fleet(NO_LIMIT)) {
            int improved = 0;
            for (Agent agent : fleet.agents().subList(0, 3)) {
                improved += agent.personalize() instanceof Personalization.Improved ? 1 : 0;
            }
            assertThat(improved).as("or nothing is tested").isPositive();
            RoundTerms.Builder terms = world.terms("round-1", world.kit.initial(), plan)
                    .clearTraining()
                    .setMetrics(Metrics.newBuilder().setSubject(MetricsSubject.PERSONAL_ADAPTERS));
            world.aggregator.open(terms, TestWorld.DEVICES);
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            float[] decoded = new SumDecoder(EncodingParameters.of(terms.getEncoding())).decode(world.aggregator.sum());
            double[] sum = new double[decoded.length];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = decoded[i];
            }
            Map<Figure, Double> told = layout.cells(sum).getOrDefault("*", Map.of());
            assertThat(told.get(Figure.PERSONAL_JUDGED)).isCloseTo(improved, within(0.05));
            assertThat(Figure.GAINS.stream().mapToDouble(told::get).sum()).isCloseTo(improved, within(0.1));
            double gained = told.getOrDefault(Figure.PERSONAL_RIGHT_AFTER, 0.0)
                    - told.getOrDefault(Figure.PERSONAL_RIGHT_BEFORE, 0.0);
            double most = told.getOrDefault(Figure.PERSONAL_GAINS_MOST, 0.0);
            assertThat(gained).as("and they gain what the histogram says").isGreaterThan(0.25 * most - 0.1);
        }
    }

    @Test
    void aRoundOfMetricsIsChargedLikeAnyOther() throws Exception {
        try (Fleet fleet = fleet(PrivacyBudget.DEFAULT)) {
            world.aggregator.open(world.metricsTerms("round-1", 1, TestWorld.metricsPlan(7.5)), TestWorld.DEVICES);
            for (Participation result : fleet.takePart()) {
                assertThat(((TookPart) result).epsilonSpent()).isBetween(6.0, 8.0);
            }
            world.aggregator.open(world.metricsTerms("round-2", 1, TestWorld.metricsPlan(7.5)), TestWorld.DEVICES);
            assertRefused(Reason.BUDGET_SPENT, fleet.agent(0));
            world.aggregator.open(world.privateTerms("round-3", 7.5), TestWorld.DEVICES);
            assertRefused(Reason.BUDGET_SPENT, fleet.agent(0));
            assertThat(fleet.agent(0).privacySpent().together().inPeriod().participations())
                    .isEqualTo(1);
        }
    }

    @Test
    void termsThatAskForMoreThanTheFiguresOrGiveTooLittleNoiseAreRefused() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
            world.aggregator.open(world.metricsTerms("round-0", 1, TestWorld.metricsPlan()), TestWorld.DEVICES);
            assertRefused(Reason.TOO_LITTLE_NOISE, agent);

            RoundTerms.Builder promised = world.metricsTerms("round-1", 1, TestWorld.metricsPlan(7.5));
            promised.getPrivacyBuilder().setEpsilonMax(0.5);
            world.aggregator.open(promised, TestWorld.DEVICES);
            assertRefused(Reason.TOO_LITTLE_NOISE, agent);

            RoundTerms.Builder training = world.metricsTerms("round-2", 1, TestWorld.metricsPlan(7.5))
                    .setTraining(Training.newBuilder().setLocalSteps(1).setLearningRate(0.1f));
            assertNotSigned(agent, training);
            RoundTerms.Builder longer = world.metricsTerms("round-3", 1, TestWorld.metricsPlan(7.5));
            longer.getEncodingBuilder().setClipNorm(100 * MetricsLayout.CLIP_NORM);
            assertNotSigned(agent, longer);
            RoundTerms.Builder wider = world.metricsTerms("round-4", 1, TestWorld.metricsPlan(7.5));
            wider.getEncodingBuilder().setDimension(world.kit.layout().count());
            assertNotSigned(agent, wider);
            RoundTerms.Builder untold = world.metricsTerms("round-5", 1, TestWorld.metricsPlan(7.5))
                    .clearMetrics()
                    .setTraining(Training.newBuilder().setLocalSteps(1).setLearningRate(0.1f));
            world.aggregator.open(untold, TestWorld.DEVICES);
            assertRefused(Reason.OTHER_KIT, agent);
            assertThat(agent.epsilonSpent()).isZero();
        }
    }

    @Test
    void whoWithdrawsConsentToLearnTellsNothingOfAPackAnyMore() throws Exception {
        release(1);
        try (Fleet fleet = fleet(NO_LIMIT)) {
            for (Agent agent : fleet.agents()) {
                agent.update();
            }
            fleet.agent(0).withdraw(Consent.LEARN);
            Map<Figure, Double> told = ofAll(fleet, world.metricsTerms("round-1", 1, TestWorld.metricsPlan()));
            assertThat(told.get(Figure.TRIED)).isCloseTo(4, within(0.05));
            fleet.agent(1).withdraw(Consent.CONTRIBUTE);
            assertThat(fleet.agent(1).takePart()).isInstanceOf(Participation.NotNow.class);
        }
    }

    /** Trials are on the disk. */
    @Test
    void aRestartedDeviceStillKnowsHowItsPackDoes() throws Exception {
        release(1);
        try (Fleet fleet = fleet(NO_LIMIT)) {
            for (Agent agent : fleet.agents()) {
                agent.update();
            }
            fleet.agent(2).crashed();
        }
        try (Fleet fleet = fleet(NO_LIMIT)) {
            Map<Figure, Double> told = ofAll(fleet, world.metricsTerms("round-1", 1, TestWorld.metricsPlan()));
            assertThat(told.get(Figure.TRIED)).isCloseTo(5, within(0.05));
            assertThat(told.get(Figure.CRASHED)).isCloseTo(1, within(0.05));
        }
    }

    /** All devices are of a class that the terms do not name, and share the last cell. */
    private Map<Figure, Double> ofAll(Fleet fleet, RoundTerms.Builder terms) throws Exception {
        world.aggregator.open(terms, TestWorld.DEVICES);
        assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
        double[] sum = new double[TestWorld.METRICS.dimension()];
        float[] decoded = new SumDecoder(EncodingParameters.of(terms.getEncoding())).decode(world.aggregator.sum());
        for (int i = 0; i < sum.length; i++) {
            sum[i] = decoded[i];
        }
        Map<String, Map<Figure, Double>> cells = TestWorld.METRICS.cells(sum);
        assertThat(cells).containsOnlyKeys("phone", "*");
        assertThat(cells.getOrDefault("phone", Map.of()).values()).hasSize(6).allMatch(value -> Math.abs(value) < 0.05);
        return cells.getOrDefault("*", Map.of());
    }

    private void assertNotSigned(Agent agent, RoundTerms.Builder terms) throws Exception {
        world.aggregator.offer(SignedMessages.sign(world.serverKey, Purpose.ROUND_TERMS, terms.build()));
        assertRefused(Reason.TERMS_REFUSED, agent);
    }

    private static void assertRefused(Reason reason, Agent agent) throws Exception {
        assertThat(agent.takePart())
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @MustBeClosed
    private Fleet fleet(PrivacyBudget budget) throws Exception {
        return new Fleet(world, budget, Collections.nCopies(TestWorld.DEVICES, world.aggregator));
    }

    private AdapterWeights trained() throws Exception {
        try (OwnEngines engines = new OwnEngines(1, EngineKind.ORT_TRAINING)) {
            return new Classroom(world.model, world.kit, engines)
                    .train(
                            world.kit.initial(),
                            List.of(),
                            TestWorld.examples(100, 5),
                            20,
                            0.03f,
                            new SeededBytes(1)::fill,
                            () -> true)
                    .weights();
        }
    }

    private void release(long version) throws Exception {
        SkillFacts facts = new SkillFacts("lights", version, List.of(5), PrivacyFacts.none(1), List.of());
        Map<String, byte[]> files = new PackContents(trained(), facts).files(world.kit);
        world.aggregator.repository.release(
                ReleasedPack.of("lights", version, world.model.sha256(), world.kit.sha256(), files), files);
    }
}
