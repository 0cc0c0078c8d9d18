package dev.coppice.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Agent;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.training.Classroom.Course;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An app with an agent, as {@link MeasureAgent} starts it in a process of its own: no more than such an app has, so that
 * its start and memory are the agent's. Arguments: what to do, the base model's folder, the agent's home.
 */
final class AgentProbe {
    private static final int WARM_UPS = 2_000;
    private static final int SAMPLES = 2_000;
    private static final String QUESTION = "please turn the light in the kitchen on";

    private AgentProbe() {}

    /** What the app does. */
    enum Doing {
        /** Opens the agent for the first time and gives it 1,000 examples. */
        SETTLE,
        /** Opens it again and asks once. */
        START,
        /** Opens it again, asks once, and is then idle: what it can give back it does. */
        IDLE,
        /** Opens it again, and asks many times. */
        CLASSIFY,
        /** The same with a language model. */
        NEXT_TOKEN,
        /** Opens it again, trains a personal adapter, and is then idle. */
        TRAIN,
        /** Opens it again, adds examples without end, and is killed. */
        WRITE
    }

    /** Does one thing; prints one line of JSON. */
    public static void main(String[] arguments) throws Exception {
        long main = System.nanoTime();
        long sinceStart = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        long startCpu =
                ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
        Doing doing = Doing.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        Map<String, Object> told = new LinkedHashMap<>();
        try (BaseModel model = BaseModel.open(Path.of(arguments[1]));
                Agent agent = open(model, Path.of(arguments[2]), doing)) {
            told.put("openMs", milliseconds(main));
            told.put(
                    "openCpuMs",
                    ProcessHandle.current()
                                    .info()
                                    .totalCpuDuration()
                                    .orElseThrow()
                                    .toMillis()
                            - startCpu);
            switch (doing) {
                case SETTLE -> {
                    agent.allow(Consent.LEARN);
                    agent.addExamples(examples(model, 1_000));
                }
                case START, IDLE -> told.put("label", agent.predict(QUESTION).label());
                case CLASSIFY, NEXT_TOKEN -> ask(agent, told);
                case TRAIN -> told.put("result", agent.personalize().getClass().getSimpleName());
                case WRITE -> write(agent, model);
            }
            told.put("doneMs", milliseconds(main));
            told.put("doneSinceJvmStartMs", sinceStart + milliseconds(main));
            told.put(
                    "doneCpuMs",
                    ProcessHandle.current()
                            .info()
                            .totalCpuDuration()
                            .orElseThrow()
                            .toMillis());
            told.put("peakMiB", ProcessMemory.peak());
            if (doing == Doing.IDLE || doing == Doing.TRAIN) {
                agent.rest();
                System.gc(); // an idle app's collector gives memory back by and by; here at once
                told.put("residentMiB", ProcessMemory.resident());
                told.put("ownMiB", ProcessMemory.own());
            }
        }
        System.out.println(new ObjectMapper().writeValueAsString(told));
    }

    @MustBeClosed
    private static Agent open(BaseModel model, Path home, Doing doing) throws Exception {
        boolean classifies = doing != Doing.NEXT_TOKEN;
        LoraSpec lora = new LoraSpec(4, 8, model.config().loraTargets(), Factors.B, 1);
        Task task = classifies ? Task.TEXT_CLASSIFICATION : Task.CAUSAL_LM;
        List<String> labels = classifies ? model.config().labels() : List.of();
        return Agent.open(AgentConfig.builder(home.resolve(task.name()))
                .baseModel(model)
                .kitSpec(new KitSpec(task, lora, labels, 8, 24))
                .offline()
                .course(new Course(10, 10, 5e-3f))
                .restAfter(Duration.ZERO)
                .build());
    }

    /** Each of a model's labels, in words of its own, over and over. */
    private static List<Example> examples(BaseModel model, int count) {
        List<String> labels = model.config().labels();
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String label = labels.get(i % labels.size());
            examples.add(new Example("please " + label.replace('_', ' ') + " number " + i, label));
        }
        return examples;
    }

    private static void ask(Agent agent, Map<String, Object> told) throws Exception {
        long first = System.nanoTime();
        agent.predict(QUESTION);
        told.put("firstMs", milliseconds(first));
        for (int i = 0; i < WARM_UPS; i++) {
            agent.predict(QUESTION);
        }
        double[] times = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            long start = System.nanoTime();
            agent.predict(QUESTION);
            times[i] = milliseconds(start);
        }
        Arrays.sort(times);
        told.put("p50Ms", times[SAMPLES / 2]);
        told.put("p99Ms", times[SAMPLES * 99 / 100]);
    }

    private static void write(Agent agent, BaseModel model) throws Exception {
        List<Example> examples = examples(model, 10);
        System.out.println("writing");
        while (true) {
            agent.addExamples(examples);
        }
    }

    private static double milliseconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e6;
    }
}
