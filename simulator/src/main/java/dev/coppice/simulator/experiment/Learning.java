package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.Folders;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.agent.training.Judgement;
import dev.coppice.simulator.experiment.Baselines.OnDevice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** One task run from its first round to its last, with its figures as they come. */
public final class Learning {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What is asked of a run.
     *
     * @param every rounds between two looks at the candidate, at least 1; the last round is looked at too
     * @param after what is done with the last candidate, or beside it
     */
    public record Settings(long seed, int every, List<Extra> after) {}

    /** What is measured beside the rounds. */
    public sealed interface Extra {
        /** Personal adapters on top of the last candidate, each checked by its device. */
        record Personal(int portions, int steps, float learningRate) implements Extra {}

        /** The same, so many passes over a device's texts, unchecked. */
        record PersonalUnchecked(int epochs, float learningRate) implements Extra {}

        /** No federation: so many passes over each device's own texts, from the base model. */
        record Local(int epochs, float learningRate) implements Extra {}

        /** All texts in one place: so many steps. */
        record Central(int steps, float learningRate) implements Extra {}
    }

    private final Lab lab;
    private final Consumer<String> told;

    /** @param told takes a line for each look and figure */
    public Learning(Lab lab, Consumer<String> told) {
        this.lab = lab;
        this.told = told;
    }

    /**
     * Runs a task.
     *
     * @param task a task definition, perhaps without what follows from the base model
     * @param out takes {@code task.json}, {@code adapter.safetensors} (the last candidate) and {@code initial.safetensors}
     * @return all figures, as JSON
     * @throws ExperimentRefusedException if the task cannot be run, with the reason
     */
    public ObjectNode run(ObjectNode task, Settings settings, Path out)
            throws ExperimentRefusedException, IOException, InterruptedException {
        Definitions.Complete complete = Definitions.complete(task, lab);
        Files.createDirectories(out);
        Files.writeString(out.resolve("task.json"), complete.json().toPrettyString() + "\n");
        Files.write(
                out.resolve("initial.safetensors"),
                Safetensors.write(complete.kit().initial()));
        Path scratch = Files.createTempDirectory(out, "blobs");
        try {
            TaskRun run = new TaskRun(lab, complete, settings.seed(), Cast.HONEST, scratch);
            ObjectNode figures = rounds(run, settings);
            for (Extra extra : settings.after()) {
                add(figures, extra, run, complete, settings.seed());
            }
            Files.write(out.resolve("adapter.safetensors"), Safetensors.write(run.candidate()));
            return figures;
        } catch (EngineException e) {
            throw new IOException("Training failed: " + e.getMessage(), e);
        } finally {
            Folders.delete(scratch);
        }
    }

    private ObjectNode rounds(TaskRun run, Settings settings) throws EngineException, InterruptedException {
        ObjectNode figures = JSON.createObjectNode().put("seed", settings.seed());
        double epsilon = run.epsilon();
        if (Double.isFinite(epsilon)) {
            figures.put("epsilon", epsilon);
        }
        figures.put("bytesUp", run.bytesUp());
        var points = figures.putArray("rounds");
        points.add(point(0, run.judge()));
        double cpu = 0;
        int aborted = 0;
        while (!run.isOver()) {
            double before = cpuSeconds();
            aborted += run.next() ? 0 : 1;
            cpu += cpuSeconds() - before;
            if (run.round() % settings.every() == 0 || run.isOver()) {
                points.add(point(run.round(), run.judge()));
            }
        }
        return figures.put("aborted", aborted).put("cpuSeconds", cpu);
    }

    /** Of the whole process. */
    static double cpuSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1e9
                : 0;
    }

    private ObjectNode point(int round, Judgement judgement) {
        told.accept(String.format(
                Locale.ROOT,
                "round %d: loss %.4f, accuracy %.2f %% of %d",
                round,
                judgement.loss(),
                100 * judgement.accuracy(),
                judgement.positions()));
        return figures(judgement).put("round", round);
    }

    static ObjectNode figures(Judgement judgement) {
        return JSON.createObjectNode()
                .put("loss", judgement.loss())
                .put("accuracy", judgement.accuracy())
                .put("positions", judgement.positions());
    }

    private void add(ObjectNode figures, Extra extra, TaskRun run, Definitions.Complete task, long seed)
            throws EngineException, InterruptedException {
        Baselines baselines = new Baselines(lab, run.classroom(), seed);
        var base = task.kit().initial();
        switch (extra) {
            case Extra.Personal own ->
                add(
                        figures,
                        "personal",
                        baselines.checked(
                                run.candidate(), new Course(own.portions(), own.steps(), own.learningRate())));
            case Extra.PersonalUnchecked own ->
                add(
                        figures,
                        "personalUnchecked",
                        baselines.unchecked(run.candidate(), own.epochs(), own.learningRate()));
            case Extra.Local own -> add(figures, "local", baselines.unchecked(base, own.epochs(), own.learningRate()));
            case Extra.Central own -> {
                Judgement judgement = baselines.central(base, own.steps(), own.learningRate());
                figures.set("central", figures(judgement));
                told.accept("central: " + figures(judgement));
            }
        }
    }

    private void add(ObjectNode figures, String name, OnDevice result) {
        ObjectNode told = figures.putObject(name);
        told.set("before", figures(result.before()));
        told.set("after", figures(result.after()));
        told.put("improved", result.improved()).put("kept", result.kept());
        this.told.accept(name + ": " + told);
    }
}
