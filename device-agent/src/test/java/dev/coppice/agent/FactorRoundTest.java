package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.Factor;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Participation.TookPart;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.install.OwnFactors;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.store.Event;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.protocol.round.FactorSet;
import dev.coppice.protocol.round.RoundTerms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounds that train or share a part of an adapter, with real agents, training and masks. */
@Timeout(120)
class FactorRoundTest extends InTestWorld {
    private float rate = 0.02f;

    @Override
    @SuppressWarnings("MustBeClosed") // closed after each test
    TestWorld madeWorld() throws Exception {
        KitSpec usual = TestModel.classification();
        LoraSpec lora = usual.lora();
        LoraSpec both = new LoraSpec(lora.rank(), lora.alpha(), lora.targets(), Factors.BOTH, lora.seed());
        KitSpec spec = new KitSpec(usual.task(), both, usual.labels(), usual.batch(), usual.length());
        return new TestWorld(folder, spec);
    }

    /** With a B of zeros, A has no gradient yet: its turn begins from a B that moved. */
    @ParameterizedTest
    @EnumSource(names = {"A_FACTORS", "B_FACTORS"})
    void aRoundMovesOneFactorAndTheSumIsOfThatAlone(FactorSet turn) throws Exception {
        AdapterWeights candidate = moved();
        try (Fleet fleet = fleet()) {
            float[] sum = round(fleet, "round-1", candidate, turn, turn);
            AdapterPart part = part(FactorTerms.factors(turn));
            assertThat(sum).hasSize(part.layout().count());
            assertThat(norm(sum)).isGreaterThan(0.1);
            assertThat(own("agent-0", "task-1")).isEmpty();
        }
    }

    @Test
    void theFactorThatIsNotSharedStaysEncryptedOnTheDeviceAndIsTrainedOn() throws Exception {
        AdapterPart kept = part(Set.of(Factor.A)).rest();
        AdapterWeights first;
        try (Fleet fleet = fleet()) {
            float[] sum = round(fleet, "round-1", moved(), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS);
            assertThat(sum).hasSize(part(Set.of(Factor.A)).layout().count());
            assertThat(norm(sum)).isGreaterThan(0.1);
        }
        first = own("agent-0", "task-1").orElseThrow();
        assertThat(first).isNotEqualTo(kept.of(moved()));
        assertThat(own("agent-1", "task-1").orElseThrow()).isNotEqualTo(first);
        assertThat(own("agent-0", "task-2")).isEmpty();
        assertThat(new String(
                        Files.readAllBytes(world.home("agent-0").resolve("factors")), StandardCharsets.ISO_8859_1))
                .doesNotContain("task-1", "lora_B");

        rate = 1e-7f; // so that it ends where it begins
        try (Fleet fleet = fleet()) {
            round(fleet, "round-2", moved(), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS);
        }
        AdapterWeights second = own("agent-0", "task-1").orElseThrow();
        assertThat(second.toArray()).containsExactly(first.toArray(), within(1e-5f));
        assertThat(distance(second, kept.of(moved()))).isGreaterThan(0.1);
    }

    /** A pack of such a task has an A that all made and a B of zeros: with its own B, a device answers better, or leaves it. */
    @Test
    void theFactorThatStaysOnTheDeviceAnswersItsQuestionsWhereThatIsBetter() throws Exception {
        List<Example> own = TestWorld.examples(100, 77);
        rate = 0.2f;
        try (Fleet fleet = fleet()) {
            Agent agent = fleet.agent(0);
            agent.addExamples(TestWorld.examples(80, 3));
            round(fleet, "round-1", world.kit.initial(), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS);
            assertThat(agent.report().events()).extracting(Event::kind).contains(Event.Kind.OWN_FACTORS_IN_USE);
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.PERSONAL);
            assertThat(agent.evaluate(own, Source.PERSONAL).loss())
                    .isLessThan(agent.evaluate(own, Source.PACK).loss() - 0.05);
            Evaluation before = agent.evaluate(own, Source.PERSONAL);

            SkillFacts facts = new SkillFacts("lights", 1, List.of(5), PrivacyFacts.none(1), List.of());
            Map<String, byte[]> files = new PackContents(moved(), facts).files(world.kit);
            world.aggregator.repository.release(
                    ReleasedPack.of("lights", 1, world.model.sha256(), world.kit.sha256(), files), files);
            agent.update();
            assertThat(agent.evaluate(own, Source.PERSONAL).loss())
                    .as("on top of a pack too, and never for worse")
                    .isLessThanOrEqualTo(Math.max(
                                    before.loss(),
                                    agent.evaluate(own, Source.PACK).loss())
                            + 0.02);
            agent.forget();
            assertThat(agent.predict("too dark").source()).isNotEqualTo(Source.PERSONAL);
        }
    }

    /** Examples whose labels are the wrong way round since: what was learned before answers none of them. */
    @Test
    void aFactorThatIsWorseOnTheNewestExamplesAnswersNothing() throws Exception {
        rate = 0.2f;
        List<Example> others = new ArrayList<>();
        for (Example example : TestWorld.examples(30, 5)) {
            others.add(new Example(example.text(), example.label().equals("on") ? "off" : "on"));
        }
        try (Fleet fleet = fleet()) {
            Agent agent = fleet.agent(0);
            agent.addExamples(TestWorld.examples(100, 3));
            agent.addExamples(others);
            round(fleet, "round-1", world.kit.initial(), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS);
            assertThat(own("agent-0", "task-1")).isPresent();
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.BASE);
        }
    }

    @Test
    void withdrawingDeletesTheFactorsThatRoundsLeft() throws Exception {
        try (Fleet fleet = fleet()) {
            round(fleet, "round-1", moved(), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS);
            fleet.agent(0).withdraw(Consent.CONTRIBUTE);
            fleet.agent(1).forget();
            assertThat(world.home("agent-0").resolve("factors")).doesNotExist();
            assertThat(world.home("agent-1").resolve("factors")).doesNotExist();
            assertThat(world.home("agent-2").resolve("factors")).exists();
        }
    }

    @Test
    void termsWhoseVectorIsNotThePartThatTheyNameAreRefused() throws Exception {
        NoisePlan whole = NoisePlan.off(TestWorld.bounds(), world.kit.layout().count(), TestWorld.CLIP, new byte[32]);
        RoundTerms.Builder terms = world.terms("round-1", moved(), whole);
        terms.getTrainingBuilder().setTrained(FactorSet.B_FACTORS).setUploaded(FactorSet.B_FACTORS);
        world.aggregator.open(terms, TestWorld.DEVICES);
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            assertThat(agent.takePart())
                    .isInstanceOfSatisfying(
                            Participation.Refused.class,
                            no -> assertThat(no.reason()).isEqualTo(Reason.OTHER_KIT));
        }
    }

    @MustBeClosed
    private Fleet fleet() throws Exception {
        return new Fleet(world, NO_LIMIT, Collections.nCopies(TestWorld.DEVICES, world.aggregator));
    }

    /** The sum of a round in which everybody takes part. */
    private float[] round(Fleet fleet, String id, AdapterWeights candidate, FactorSet trained, FactorSet uploaded)
            throws Exception {
        int dimension = part(FactorTerms.factors(uploaded)).layout().count();
        NoisePlan plan = NoisePlan.off(TestWorld.bounds(), dimension, TestWorld.CLIP, new byte[32]);
        RoundTerms.Builder terms = world.terms(id, candidate, plan);
        terms.getTrainingBuilder().setTrained(trained).setUploaded(uploaded).setLearningRate(rate);
        world.aggregator.open(terms, TestWorld.DEVICES);
        assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
        return new SumDecoder(EncodingParameters.of(terms.getEncoding())).decode(world.aggregator.sum());
    }

    /** A candidate that some merges made. */
    private AdapterWeights moved() {
        float[] by = new float[world.kit.layout().count()];
        for (int i = 0; i < by.length; i++) {
            by[i] = (i % 7 - 3) / 20f;
        }
        return world.kit.initial().plus(by);
    }

    private AdapterPart part(Set<Factor> factors) {
        return AdapterPart.of(world.kit.layout(), factors);
    }

    private Optional<AdapterWeights> own(String name, String task) throws Exception {
        try (StorageKey key = HomeKey.open(world.home(name), KeyVault.inHome())) {
            return new OwnFactors(world.home(name), key)
                    .find(task, part(Set.of(Factor.A)).rest().layout());
        }
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    private static double distance(AdapterWeights one, AdapterWeights other) {
        return norm(one.minus(other));
    }
}
