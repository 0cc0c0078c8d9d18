package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.Folders;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.agent.training.Judgement;
import dev.coppice.simulator.experiment.Baselines.OnDevice;
import dev.coppice.simulator.extension.DeviceClass;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** One task run from its first round to its last, with its figures as they come. */
public final class Learning {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What is asked of a run.
     *
     * @param every rounds between two looks at the candidate, at least 1; the last round is looked at too
     * @param ranks of the devices' adapters, dealt evenly; empty: all have the definition's
     * @param after what is done with the last candidate, or beside it
     * @param timing empty: rounds follow each other, and take no time
     */
    public record Settings(long seed, int every, List<Integer> ranks, List<Extra> after, Optional<Timing> timing) {}

    /**
     * That rounds take virtual time, by the speed of their devices.
     *
     * @param classes of devices, by their shares; at least one
     * @param look between two looks at the candidate, above zero, in place of {@link Settings#every}
     */
    public record Timing(List<DeviceClass> classes, Duration look) {}

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
     * @return all figures, as JSON; each of {@code rounds} has {@code ranks} if there are any: how the candidate does on all
     *     held-out texts as devices of each rank hold it
     * @throws ExperimentRefusedException if the task cannot be run, with the reason
     */
    public ObjectNode run(ObjectNode task, Settings settings, Path out)
            throws ExperimentRefusedException, IOException, InterruptedException {
        requirePlayable(settings);
        Definitions.Complete complete = Definitions.complete(task, lab);
        Files.createDirectories(out);
        Files.writeString(out.resolve("task.json"), complete.json().toPrettyString() + "\n");
        Files.write(
                out.resolve("initial.safetensors"),
                Safetensors.write(complete.kit().initial()));
        Path scratch = Files.createTempDirectory(out, "blobs");
        try {
            ObjectNode figures = JSON.createObjectNode().put("seed", settings.seed());
            AdapterWeights last = settings.timing().isPresent()
                    ? timed(figures, complete, settings, settings.timing().get(), scratch)
                    : rounds(figures, complete, settings, scratch);
            Baselines baselines = new Baselines(lab, lab.classroom(complete.kit()), settings.seed());
            for (Extra extra : settings.after()) {
                add(figures, extra, baselines, last, complete.kit().initial());
            }
            Files.write(out.resolve("adapter.safetensors"), Safetensors.write(last));
            return figures;
        } catch (EngineException e) {
            throw new IOException("Training failed: " + e.getMessage(), e);
        } finally {
            Folders.delete(scratch);
        }
    }

    private static void requirePlayable(Settings settings) throws ExperimentRefusedException {
        if (settings.ranks().isEmpty()) {
            return;
        }
        if (settings.timing().isPresent()) {
            throw new ExperimentRefusedException(
                    "devices of unlike ranks are not played in virtual time: leave out --ranks or --classes");
        }
        if (!settings.after().stream().allMatch(Extra.Central.class::isInstance)) {
            throw new ExperimentRefusedException("what devices of unlike ranks learn for themselves is not played:"
                    + " leave out --ranks, or --personal, --personal-unchecked and --local");
        }
    }

    /**
     * Rounds that take no time.
     *
     * @return the last candidate
     */
    private AdapterWeights rounds(ObjectNode figures, Definitions.Complete task, Settings settings, Path scratch)
            throws ExperimentRefusedException, EngineException, IOException, InterruptedException {
        TaskRun run = new TaskRun(lab, task, settings.seed(), Cast.ofRanks(settings.ranks()), scratch);
        putTerms(figures, run.posted(), run.epsilon(), run.bytesUp());
        var points = figures.putArray("rounds");
        points.add(point(run));
        double cpu = 0;
        int aborted = 0;
        while (!run.isOver()) {
            double before = cpuSeconds();
            aborted += run.next() ? 0 : 1;
            cpu += cpuSeconds() - before;
            if (run.round() % settings.every() == 0 || run.isOver()) {
                points.add(point(run));
            }
        }
        figures.put("aborted", aborted).put("cpuSeconds", cpu);
        return run.candidate();
    }

    /** The same in virtual time. */
    private AdapterWeights timed(
            ObjectNode figures, Definitions.Complete task, Settings settings, Timing timing, Path scratch)
            throws ExperimentRefusedException, EngineException, IOException, InterruptedException {
        PacedRun run = new PacedRun(lab, task, timing.classes(), settings.seed(), scratch);
        putTerms(figures, run.posted(), run.epsilon(), run.inputBytes());
        figures.setAll(new TimedLooks(run, timing.look(), told).play());
        return run.candidate();
    }

    private void putTerms(ObjectNode figures, Posted posted, double epsilon, long bytesUp) {
        double weight = posted.meanWeight();
        if (weight < 1) {
            figures.put("meanWeight", weight);
            told.accept(String.format(
                    Locale.ROOT,
                    "devices weigh %.2f on the average: a serverOptimizer.learningRate of %.2f makes up for that",
                    weight,
                    1 / weight));
        }
        if (Double.isFinite(epsilon)) {
            figures.put("epsilon", epsilon);
        }
        figures.put("bytesUp", bytesUp);
    }

    /** Of the whole process. */
    static double cpuSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1e9
                : 0;
    }

    private ObjectNode point(TaskRun run) throws EngineException, InterruptedException {
        Judgement judgement = run.judge();
        told.accept(line("round " + run.round(), judgement));
        ObjectNode point = figures(judgement).put("round", run.round());
        for (Ranks.Judged one : run.judgeByRank()) {
            told.accept(line("  cut to rank " + one.rank() + ", which " + one.devices() + " hold", one.judgement()));
            point.withArray("ranks")
                    .add(figures(one.judgement()).put("rank", one.rank()).put("devices", one.devices()));
        }
        return point;
    }

    private static String line(String what, Judgement judgement) {
        return String.format(
                Locale.ROOT,
                "%s: loss %.4f, accuracy %.2f %% of %d",
                what,
                judgement.loss(),
                100 * judgement.accuracy(),
                judgement.positions());
    }

    static ObjectNode figures(Judgement judgement) {
        return JSON.createObjectNode()
                .put("loss", judgement.loss())
                .put("accuracy", judgement.accuracy())
                .put("positions", judgement.positions());
    }

    private void add(ObjectNode figures, Extra extra, Baselines baselines, AdapterWeights last, AdapterWeights base)
            throws EngineException, InterruptedException {
        switch (extra) {
            case Extra.Personal own ->
                add(
                        figures,
                        "personal",
                        baselines.checked(last, new Course(own.portions(), own.steps(), own.learningRate())));
            case Extra.PersonalUnchecked own ->
                add(figures, "personalUnchecked", baselines.unchecked(last, own.epochs(), own.learningRate()));
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
