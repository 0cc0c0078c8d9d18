package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.agent.training.KitCache;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.Metrics;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Training;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keys, a small base model and an aggregator in memory; and agents with homes in one folder. Seeded throughout. */
final class TestWorld implements AutoCloseable {
    static final int DEVICES = 5;
    static final double CLIP = 1;

    /** What rounds of metrics tell apart here. */
    static final List<String> CLASSES = List.of("phone");

    static final MetricsLayout METRICS = MetricsLayout.of(CLASSES);

    final SigningKey serverKey = key(-1);
    final SigningKey enrolmentKey = key(-2);
    final ManualClock clock = new ManualClock(Instant.parse("2026-01-02T00:00:00Z"));
    final BaseModel model;
    final KitSpec spec;
    final Kit kit;
    final FakeAggregator aggregator;

    /** Whether agents that are made from now on insist on it. */
    boolean hybridKeysOnly;

    /** Whether they take the aggregator's word for its noise. */
    boolean insecureServerNoise;

    private final Path folder;
    private final KitCache kits;
    private final OwnEngines engines = new OwnEngines(1, EngineKind.ORT_TRAINING);

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the model is closed with the world
    TestWorld(Path folder, KitSpec spec) throws Exception {
        this.folder = folder;
        this.spec = spec;
        this.model = TestModel.open(folder.resolve("model"), 1);
        this.kits = new KitCache(folder.resolve("kits"));
        this.kit = kits.kit(model, spec);
        this.aggregator = new FakeAggregator(serverKey, enrolmentKey, clock);
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosed")
    TestWorld(Path folder) throws Exception {
        this(folder, TestModel.classification());
    }

    AgentConfig.Builder config(String name, Transport transport) {
        return AgentConfig.builder(folder.resolve("homes").resolve(name))
                .baseModel(model)
                .kitSpec(spec)
                .trust(new TrustAnchors(
                        serverKey.verifyingKey(), enrolmentKey.verifyingKey(), aggregator.repository.root))
                .population("people")
                .skill("lights")
                .random(new SeededBytes(name.hashCode())::fill)
                .clock(clock)
                .engines(engines)
                .kits(kits)
                .transport(transport)
                .pause(length -> Thread.sleep(Math.min(length.toMillis(), 5)))
                .insecureServerNoise(insecureServerNoise)
                .hybridKeysOnly(hybridKeysOnly)
                .policy(WorkPolicy.ANY_TIME)
                .course(new Course(6, 10, 0.02f));
    }

    Path home(String name) {
        return folder.resolve("homes").resolve(name);
    }

    /** An agent whose user allows everything. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed")
    static Agent open(AgentConfig config) throws Exception {
        Agent agent = Agent.open(config);
        for (Consent consent : Consent.values()) {
            agent.allow(consent);
        }
        return agent;
    }

    /** An enrolled agent with twenty examples. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed")
    Agent agent(String name, Transport transport, PrivacyBudget budget) throws Exception {
        Agent agent = open(config(name, transport).budget(budget).build());
        agent.addExamples(examples(20, name.hashCode()));
        agent.enrol(new byte[32]);
        return agent;
    }

    /** Bright words mean off and dark ones mean on, with other words around them. */
    static List<Example> examples(int count, long seed) {
        List<Example> examples = new ArrayList<>();
        byte[] draws = new byte[3 * count];
        new SeededBytes(seed).fill(draws);
        for (int i = 0; i < count; i++) {
            boolean dark = (draws[3 * i] & 1) == 0;
            String text = word(draws[3 * i + 1]) + " " + (dark ? "dark" : "bright") + " " + word(draws[3 * i + 2]);
            examples.add(new Example(text, dark ? "on" : "off"));
        }
        return examples;
    }

    /** Terms without noise, training from the kit's own weights. */
    RoundTerms.Builder terms(String roundId) throws Exception {
        return terms(
                roundId, kit.initial(), NoisePlan.off(bounds(), kit.layout().count(), CLIP, new byte[32]));
    }

    /** Terms with the noise that one round at this epsilon needs. */
    RoundTerms.Builder privateTerms(String roundId, double epsilon) throws Exception {
        return privateTerms(roundId, epsilon, NoiseSource.HONEST_DEVICES);
    }

    RoundTerms.Builder privateTerms(String roundId, double epsilon, NoiseSource source) throws Exception {
        PrivacyGoal goal = new PrivacyGoal(epsilon, 1e-8, 1);
        int dimension = kit.layout().count();
        NoisePlan plan = NoisePlan.calibrate(source, goal, bounds(), dimension, new Clipping.Fixed(CLIP), new byte[32]);
        return terms(roundId, kit.initial(), plan);
    }

    RoundTerms.Builder terms(String roundId, AdapterWeights candidate, NoisePlan plan) {
        byte[] blob = Safetensors.write(candidate);
        aggregator.put(blob);
        return RoundTerms.newBuilder()
                .setRoundId(roundId)
                .setTaskId("task-1")
                .setSkill("lights")
                .setNumber(1)
                .setBaseModelSha256(model.sha256())
                .setKitSha256(kit.sha256())
                .setCandidateSha256(Sha256.hex(blob))
                .setKitSpec(ByteString.copyFrom(spec.toJson()))
                .setTraining(Training.newBuilder()
                        .setLocalSteps(12)
                        .setLearningRate(0.02f)
                        .setExamplesMin(5))
                .setEncoding(plan.encoding().toMessage())
                .setPrivacy(plan.toMessage())
                .setCohort(bounds().toMessage())
                .setOpenedEpochMillis(clock.instant().toEpochMilli());
    }

    /** Terms of a round that asks for figures of a pack, or of the kit's own weights if that is version 0. */
    RoundTerms.Builder metricsTerms(String roundId, long packVersion, NoisePlan plan) {
        return terms(roundId, kit.initial(), plan)
                .clearTraining()
                .setMetrics(Metrics.newBuilder().setPackVersion(packVersion).addAllDeviceClasses(CLASSES));
    }

    /** How such a round's vectors are encoded, without noise. */
    static NoisePlan metricsPlan() throws Exception {
        return NoisePlan.off(bounds(), METRICS.dimension(), MetricsLayout.CLIP_NORM, new byte[32]);
    }

    /** The same with the noise that one round at this epsilon needs. */
    static NoisePlan metricsPlan(double epsilon) throws Exception {
        return NoisePlan.calibrate(
                new PrivacyGoal(epsilon, 1e-8, 1),
                bounds(),
                METRICS.dimension(),
                MetricsLayout.CLIP_NORM,
                new byte[32]);
    }

    static CohortBounds bounds() {
        return new CohortBounds(DEVICES, DEVICES, 0.2, 0.05);
    }

    static SigningKey key(long seed) {
        return SigningKey.generate(new SeededBytes(seed)::fill);
    }

    @Override
    public void close() {
        engines.close();
        model.close();
    }

    private static String word(byte draw) {
        List<String> around = List.of("please", "the", "now", "it", "is", "too", "here", "enough");
        return around.get((draw & 0xff) % around.size());
    }
}
