package dev.coppice.aggregator.task;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.merge.Alternation;
import dev.coppice.adapters.merge.FrozenA;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.adapters.merge.MergeRule;
import dev.coppice.adapters.merge.OptimizerSettings;
import dev.coppice.adapters.merge.SumRule;
import dev.coppice.adapters.merge.SvdRefresh;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.round.AgentVersions;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.NoiseSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads task definitions, strictly: a member that is unknown, missing or out of range is refused by its name. */
public final class TaskJson {
    private static final int BYTES_MAX = 64 * 1024;
    private static final int NESTING_MAX = 16;
    private static final int ROUNDS_MAX = 10_000;
    private static final int STEPS_MAX = 100_000;
    private static final int SECONDS_MAX = 86_400;

    private static final List<String> TRAINING = List.of(
            "localSteps",
            "learningRate",
            "examplesMin",
            "fullWeightExamples",
            "clipNorm",
            "clip",
            "mergeRule",
            "robustMerge",
            "buffer",
            "serverOptimizer");

    /** What may be left out, of a task and of its parts. */
    private static final List<String> OPTIONAL = List.of(
            "metrics",
            "keyAgreement",
            "noise",
            "mergeRule",
            "clip",
            "robustMerge",
            "buffer",
            "schedule",
            "weight",
            "eligibility",
            "overSelection",
            "fullWeightExamples");

    private static final Map<String, List<String>> OPTIONAL_IN = Map.of(
            "metrics", List.of("subject"),
            "cohort", List.of("groupSize"),
            "clip", List.of("rate"),
            "robustMerge", List.of("bound"),
            "schedule", List.of("start", "end", "intervalSeconds", "roundsPerDay"),
            "eligibility", List.of("agentVersionMin", "deviceClasses", "separationSeconds"));

    private static final int BUFFERED_MAX = 1000;
    private static final int OPEN_ROUNDS_MAX = 64;
    private static final int WEIGHT_MAX = 1000;
    private static final double OVER_SELECTION_MAX = 10;
    private static final int FULL_WEIGHT_MAX = 1_000_000;
    private static final int YEAR_SECONDS = 31_536_000;
    private static final int DAY_SECONDS = 86_400;
    private static final String NO_ADAPTER = "0".repeat(64);
    static final int DEVICES_MIN_LEAST = 3; // as few as a cohort may have

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(NESTING_MAX)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private TaskJson() {}

    /**
     * The definition in {@code json}.
     *
     * @throws TaskRefusedException naming what is wrong
     */
    public static TaskDefinition parse(byte[] json) throws TaskRefusedException {
        if (json.length > BYTES_MAX) {
            throw new TaskRefusedException("A task definition has at most " + BYTES_MAX + " bytes");
        }
        TaskDefinition definition = read(json);
        check(definition);
        return definition;
    }

    /**
     * A definition with some changes (RFC 7396).
     *
     * @param changes a JSON object; no bytes for none
     * @throws TaskRefusedException if they are none
     */
    static ObjectNode patched(String json, byte[] changes) throws TaskRefusedException {
        try {
            if (JSON.readTree(json) instanceof ObjectNode task
                    && (changes.length == 0 ? JSON.createObjectNode() : JSON.readTree(changes))
                            instanceof ObjectNode patch) {
                return patched(task, patch);
            }
        } catch (IOException e) {
            throw new TaskRefusedException("Not a task definition, or changes of one: " + firstLine(e));
        }
        throw new TaskRefusedException("A task definition, and changes of one, are JSON objects");
    }

    private static ObjectNode patched(ObjectNode target, ObjectNode patch) {
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            if (change.getValue().isNull()) {
                target.remove(change.getKey());
            } else if (change.getValue() instanceof ObjectNode inner) {
                ObjectNode present =
                        target.get(change.getKey()) instanceof ObjectNode object ? object : JSON.createObjectNode();
                target.set(change.getKey(), patched(present, inner));
            } else {
                target.set(change.getKey(), change.getValue());
            }
        }
        return target;
    }

    /** A definition that was checked before it was stored. */
    public static TaskDefinition stored(String json) {
        try {
            return parse(json.getBytes(StandardCharsets.UTF_8));
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task definition does not parse", e);
        }
    }

    /** The optimizer that applies means. */
    public static OptimizerSettings optimizer(TaskDefinition.OptimizerRule optimizer) throws TaskRefusedException {
        String kind = optimizer.kind().toUpperCase(Locale.ROOT);
        OptimizerSettings.Kind known = Arrays.stream(OptimizerSettings.Kind.values())
                .filter(k -> k.name().equals(kind))
                .findFirst()
                .orElseThrow(() -> new TaskRefusedException(
                        "serverOptimizer.kind is fedavg, momentum, fedadam, fedyogi or fedadagrad"));
        try {
            return new OptimizerSettings(known, optimizer.learningRate(), optimizer.momentum());
        } catch (IllegalArgumentException e) {
            throw new TaskRefusedException("serverOptimizer: " + e.getMessage());
        }
    }

    /** The adapter of a definition that was checked before. */
    public static LoraSpec lora(TaskDefinition task) {
        try {
            return KitSpec.fromJson(task.kitSpec().toString().getBytes(StandardCharsets.UTF_8))
                    .lora();
        } catch (KitRefusedException e) {
            throw new IllegalStateException("A stored task's kit was checked before", e);
        }
    }

    /**
     * What becomes of the factors.
     *
     * @throws TaskRefusedException if the rule is not known, needs more than a secure sum, or does not go with the kit's
     *     factors, the noise, the clip or the server optimizer
     */
    public static SumRule mergeRule(TaskDefinition task, LoraSpec lora) throws TaskRefusedException {
        String fitting = lora.factors() == Factors.B ? "ffa" : "fedit";
        String name = task.mergeRule() == null ? fitting : task.mergeRule();
        try {
            SumRule rule = MergeRule.named(name).onSecureSum();
            check(task, rule, lora);
            return rule;
        } catch (MergeRefusedException e) {
            throw new TaskRefusedException("mergeRule: " + e.getMessage());
        }
    }

    private static void check(TaskDefinition task, SumRule rule, LoraSpec lora) throws TaskRefusedException {
        String name = "mergeRule " + rule.name() + ": ";
        require(
                lora.isNone() || (rule instanceof FrozenA) == (lora.factors() == Factors.B),
                name + "the kit trains " + lora.factors() + ", which goes with "
                        + (lora.factors() == Factors.B ? "ffa alone" : "all others"));
        require(
                lora.isNone() || task.epsilon() == null || rule.uploaded(0).size() == 1,
                name + "under privacy one factor is shared at a time, since the noises of two would multiply");
        boolean isPlain = optimizer(task.serverOptimizer()).kind() == OptimizerSettings.Kind.FEDAVG;
        boolean forgets = rule instanceof Alternation || rule instanceof SvdRefresh;
        require(isPlain || !forgets, name + "what a server remembers of one round does not fit the next; use fedavg");
        require(
                task.buffer() == null || !forgets,
                name + "an update of an earlier round does not fit what the rule made since; leave buffer out");
        require(
                task.clip() == null || !(rule instanceof Alternation),
                name + "the two factors' updates have norms of their own, which one clip cannot follow");
        require(
                lora.options().ranks().isEmpty() || !(rule instanceof SvdRefresh),
                name + "modules have one rank and one strength");
    }

    /**
     * How devices agree on keys.
     *
     * @throws TaskRefusedException if the name is not known
     */
    public static KeyAgreement keyAgreement(TaskDefinition task) throws TaskRefusedException {
        String name = task.keyAgreement() == null ? "x25519" : task.keyAgreement();
        return switch (name) {
            case "x25519" -> KeyAgreement.X25519;
            case "x25519-mlkem768" -> KeyAgreement.X25519_MLKEM768;
            default -> throw new TaskRefusedException("keyAgreement is x25519 or x25519-mlkem768");
        };
    }

    /**
     * Whose noise counts.
     *
     * @throws TaskRefusedException if the name is not known, or there is no noise
     */
    public static NoiseSource noiseSource(TaskDefinition task) throws TaskRefusedException {
        String name = task.noise() == null ? "distributed" : task.noise();
        NoiseSource source = switch (name) {
            case "distributed" -> NoiseSource.HONEST_DEVICES;
            case "local" -> NoiseSource.OWN_DEVICE;
            case "server" -> NoiseSource.SERVER;
            default -> throw new TaskRefusedException("noise is distributed, local or server");
        };
        require(task.epsilon() != null || source == NoiseSource.HONEST_DEVICES, "noise needs an epsilon");
        return source;
    }

    /**
     * How updates are clipped.
     *
     * @throws TaskRefusedException if the rule is not known or out of range
     */
    public static Clipping clipping(TaskDefinition task) throws TaskRefusedException {
        TaskDefinition.ClipRule clip = task.clip();
        if (clip == null) {
            return new Clipping.Fixed(task.clipNorm());
        }
        require("adaptive".equals(clip.kind()), "clip.kind is adaptive");
        Double rate = clip.rate();
        try {
            return new Clipping.Adaptive(
                    task.clipNorm(), clip.quantile(), rate == null ? Clipping.Adaptive.RATE_USUAL : rate);
        } catch (IllegalArgumentException e) {
            throw new TaskRefusedException("clip: " + e.getMessage());
        }
    }

    /**
     * When rounds may open.
     *
     * @throws TaskRefusedException if a time is none, the end is not after the start, or a number is out of range
     */
    public static Schedule schedule(TaskDefinition task) throws TaskRefusedException {
        TaskDefinition.ScheduleRule rule = task.schedule();
        if (rule == null) {
            return Schedule.ALWAYS;
        }
        Integer interval = rule.intervalSeconds();
        Integer perDay = rule.roundsPerDay();
        require(interval == null || perDay == null, "schedule has intervalSeconds or roundsPerDay, not both");
        require(interval == null || within(interval, YEAR_SECONDS), "schedule.intervalSeconds is 1 to " + YEAR_SECONDS);
        require(perDay == null || within(perDay, DAY_SECONDS), "schedule.roundsPerDay is 1 to " + DAY_SECONDS);
        Duration between = interval != null
                ? Duration.ofSeconds(interval)
                : perDay != null ? Duration.ofDays(1).dividedBy(perDay) : Duration.ZERO;
        Instant start = time("schedule.start", rule.start(), Instant.MIN);
        Instant end = time("schedule.end", rule.end(), Instant.MAX);
        require(start.isBefore(end), "schedule.end is after schedule.start");
        return new Schedule(start, end, between);
    }

    private static Instant time(String name, @Nullable String text, Instant otherwise) throws TaskRefusedException {
        try {
            return text == null ? otherwise : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new TaskRefusedException(name + " is a time such as 2030-01-31T06:00:00Z");
        }
    }

    /**
     * Which devices are asked.
     *
     * @throws TaskRefusedException if a version or class is none, or a number is out of range
     */
    public static Eligibility eligibility(TaskDefinition task) throws TaskRefusedException {
        int examplesMin = task.metrics() == null ? task.examplesMin() : 0;
        TaskDefinition.EligibilityRule rule = task.eligibility();
        if (rule == null) {
            return new Eligibility(task.skill(), AgentVersions.UNKNOWN, Set.of(), examplesMin, Duration.ZERO);
        }
        List<String> classes = rule.deviceClasses() == null ? List.of() : rule.deviceClasses();
        require(
                classes.size() <= Limits.DEVICE_CLASSES_MAX && classes.stream().allMatch(TaskJson::isIdentifier),
                "eligibility.deviceClasses are at most " + Limits.DEVICE_CLASSES_MAX
                        + " names of 1 to 64 characters of [a-z0-9-]");
        Integer separation = rule.separationSeconds();
        require(
                separation == null || (separation >= 0 && separation <= YEAR_SECONDS),
                "eligibility.separationSeconds is 0 to " + YEAR_SECONDS);
        return new Eligibility(
                task.skill(),
                versionMin(rule.agentVersionMin()),
                Set.copyOf(classes),
                examplesMin,
                Duration.ofSeconds(separation == null ? 0 : separation));
    }

    private static int versionMin(@Nullable String text) throws TaskRefusedException {
        try {
            return text == null ? AgentVersions.UNKNOWN : AgentVersions.of(text);
        } catch (IllegalArgumentException e) {
            throw new TaskRefusedException("eligibility.agentVersionMin: " + e.getMessage());
        }
    }

    private static TaskDefinition read(byte[] json) throws TaskRefusedException {
        try {
            if (!(JSON.readTree(json) instanceof ObjectNode task)) {
                throw new TaskRefusedException("A task definition is a JSON object");
            }
            fillIn(task, OPTIONAL);
            for (Map.Entry<String, List<String>> part : OPTIONAL_IN.entrySet()) {
                if (task.get(part.getKey()) instanceof ObjectNode object) {
                    fillIn(object, part.getValue());
                }
            }
            if (task.hasNonNull("metrics")) {
                fillInTraining(task);
            }
            return JSON.treeToValue(task, TaskDefinition.class);
        } catch (IOException e) {
            throw new TaskRefusedException("Not a task definition: " + firstLine(e));
        }
    }

    private static void fillIn(ObjectNode object, List<String> names) {
        names.forEach(name -> object.putIfAbsent(name, NullNode.getInstance()));
    }

    /** What says how to train has no say where nobody does: it may not be there, and gets values that fit. */
    private static void fillInTraining(ObjectNode task) throws TaskRefusedException {
        for (String name : TRAINING) {
            require(!task.hasNonNull(name), "A task of metrics has no " + name);
        }
        boolean isPersonal = task.path("metrics").path("subject").asText().equals("personal");
        task.put("localSteps", 1)
                .put("learningRate", 1)
                .put("examplesMin", 1)
                .put("clipNorm", isPersonal ? MetricsLayout.PERSONAL_CLIP_NORM : MetricsLayout.CLIP_NORM)
                .putObject("serverOptimizer")
                .put("kind", "fedavg")
                .put("learningRate", 1)
                .put("momentum", 0);
        if (isPersonal || task.path("metrics").path("packVersion").asLong() != 0) {
            require(
                    !task.has("initialAdapterSha256"),
                    "A task of metrics has no initialAdapterSha256 unless that is what is asked about");
            task.put("initialAdapterSha256", NO_ADAPTER);
        }
    }

    /** What is wrong, after the member that it is wrong with. */
    private static String firstLine(IOException e) {
        String text = String.valueOf(e.getMessage()).lines().findFirst().orElse("not JSON");
        String member = e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(step -> step.getFieldName() == null ? "" + step.getIndex() : step.getFieldName())
                        .collect(Collectors.joining("."))
                : "";
        return member.isEmpty() ? text : member + ": " + text;
    }

    private static void check(TaskDefinition task) throws TaskRefusedException {
        require(isIdentifier(task.skill()), "skill is 1 to 64 characters of [a-z0-9-]");
        require(isIdentifier(task.population()), "population is 1 to 64 characters of [a-z0-9-]");
        require(isSha256(task.baseModelSha256()), "baseModelSha256 is 64 lower-case hexadecimal digits");
        require(isSha256(task.kitSha256()), "kitSha256 is 64 lower-case hexadecimal digits");
        require(isSha256(task.initialAdapterSha256()), "initialAdapterSha256 is 64 lower-case hexadecimal digits");
        require(task.kitSpec() != null && task.kitSpec().isObject(), "kitSpec is an object");
        require(within(task.rounds(), ROUNDS_MAX), "rounds is 1 to " + ROUNDS_MAX);
        require(within(task.localSteps(), STEPS_MAX), "localSteps is 1 to " + STEPS_MAX);
        require(task.learningRate() > 0 && task.learningRate() <= 1, "learningRate is above 0, at most 1");
        require(within(task.examplesMin(), Integer.MAX_VALUE), "examplesMin is 1 or more");
        require(task.cohort() != null, "cohort is needed");
        Integer groupSize = task.cohort().groupSize();
        require(
                groupSize == null
                        || (groupSize >= 3 && groupSize <= task.cohort().min()),
                "cohort.groupSize is 3 to cohort.min");
        require(task.serverOptimizer() != null && task.serverOptimizer().kind() != null, "serverOptimizer is needed");
        require(task.phaseSeconds() != null, "phaseSeconds is needed");
        check(task.phaseSeconds());
        if (task.metrics() != null) {
            check(task.metrics());
        }
        if (task.buffer() != null) {
            check(task.buffer(), task);
        }
        check("weight", task.weight(), WEIGHT_MAX);
        check("overSelection", task.overSelection(), OVER_SELECTION_MAX);
        Integer full = task.fullWeightExamples();
        require(
                full == null || (full >= 2 && full <= FULL_WEIGHT_MAX),
                "fullWeightExamples is 2 to " + FULL_WEIGHT_MAX + ", or left out: then all devices count alike");
        schedule(task);
        eligibility(task);
        optimizer(task.serverOptimizer());
        clipping(task);
        RobustMerging.of(task);
        keyAgreement(task);
        noiseSource(task);
    }

    private static void check(TaskDefinition.MetricsRule metrics) throws TaskRefusedException {
        String subject = metrics.subject();
        require(
                subject == null || subject.equals("pack") || subject.equals("personal"),
                "metrics.subject is pack or personal");
        require(
                metrics.packVersion() == 0 || (metrics.packVersion() > 0 && metrics.asksAbout() == MetricsSubject.PACK),
                "metrics.packVersion is 0 or more, and 0 with personal");
        require(
                metrics.devicesMin() >= DEVICES_MIN_LEAST && metrics.devicesMin() <= Limits.COHORT_SIZE_MAX,
                "metrics.devicesMin is " + DEVICES_MIN_LEAST + " to " + Limits.COHORT_SIZE_MAX);
        List<String> classes = metrics.deviceClasses();
        require(classes != null && classes.stream().allMatch(Objects::nonNull), "metrics.deviceClasses are names");
        try {
            MetricsLayout.of(classes);
        } catch (IllegalArgumentException e) {
            throw new TaskRefusedException("metrics: " + e.getMessage());
        }
    }

    private static void check(TaskDefinition.BufferRule buffer, TaskDefinition task) throws TaskRefusedException {
        int sumsMax = Math.min(BUFFERED_MAX, task.rounds());
        require(within(buffer.sums(), sumsMax), "buffer.sums is 1 to " + BUFFERED_MAX + ", and at most rounds");
        require(
                buffer.openRounds() >= 2 && buffer.openRounds() <= OPEN_ROUNDS_MAX,
                "buffer.openRounds is 2 to " + OPEN_ROUNDS_MAX);
        require(
                buffer.stalenessMax() >= 0 && buffer.stalenessMax() <= BUFFERED_MAX,
                "buffer.stalenessMax is 0 to " + BUFFERED_MAX);
        require(
                task.clip() == null,
                "buffer: rounds that began with clip norms of their own do not tell where the next one should be; leave clip out");
    }

    private static void check(TaskDefinition.PhaseSeconds seconds) throws TaskRefusedException {
        require(
                within(seconds.advertise(), SECONDS_MAX)
                        && within(seconds.shares(), SECONDS_MAX)
                        && within(seconds.masked(), SECONDS_MAX)
                        && within(seconds.unmask(), SECONDS_MAX),
                "each of phaseSeconds is 1 to " + SECONDS_MAX);
    }

    private static void check(String name, @Nullable Number value, double max) throws TaskRefusedException {
        require(
                value == null || (value.doubleValue() >= 1 && value.doubleValue() <= max),
                name + " is 1 to " + (long) max);
    }

    private static boolean isIdentifier(String text) {
        return text != null && Identifiers.isIdentifier(text);
    }

    private static boolean isSha256(String text) {
        return text != null && Identifiers.isSha256(text);
    }

    private static boolean within(int value, int max) {
        return value >= 1 && value <= max;
    }

    private static void require(boolean holds, String rule) throws TaskRefusedException {
        if (!holds) {
            throw new TaskRefusedException(rule);
        }
    }
}
