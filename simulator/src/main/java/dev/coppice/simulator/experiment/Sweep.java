package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.Folders;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.training.Judgement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A sweep: trials by seeds, each run's figures in a file of their own as soon as it ends, so that a sweep that was killed goes
 * on where it was; in the end a table, and the task that an operator can post. The same plan gives the same files, but for
 * what was measured of the machine.
 */
public final class Sweep {
    private final Lab lab;
    private final SweepPlan plan;
    private final Path out;
    private final Consumer<String> told;
    private final Map<String, TaskRun> halted = new HashMap<>();

    private Sweep(Lab lab, SweepPlan plan, Path out, Consumer<String> told) {
        this.lab = lab;
        this.plan = plan;
        this.out = out;
        this.told = told;
    }

    /**
     * Runs the sweep in a file.
     *
     * @param out takes {@code runs/}, {@code trials.csv}, and {@code task.json} with {@code initial.safetensors}: what was chosen
     * @param told takes a line for each run
     * @return all trials, the best first
     * @throws ExperimentRefusedException if the file is no sweep, or none of its tasks can be run
     */
    public static List<TrialFigures> run(Lab lab, Path file, Path out, Consumer<String> told)
            throws ExperimentRefusedException, IOException, InterruptedException {
        Sweep sweep = new Sweep(lab, SweepPlan.read(file), out, told);
        Files.createDirectories(out.resolve("runs"));
        return sweep.run();
    }

    private List<TrialFigures> run() throws ExperimentRefusedException, IOException, InterruptedException {
        List<Trial> trials = plan.trials();
        List<TrialFigures> all = plan.search() instanceof Search.Halving halving
                ? halved(halving, trials)
                : figures(trials, Integer.MAX_VALUE);
        if (all.isEmpty()) {
            throw new ExperimentRefusedException("none of the sweep's tasks can be run");
        }
        List<TrialFigures> best = all.stream()
                .sorted(Comparator.comparingInt((TrialFigures one) -> -one.rounds())
                        .thenComparingDouble(one -> one.loss().mean()))
                .toList();
        Files.writeString(out.resolve("trials.csv"), Pareto.csv(best));
        choose(best);
        return best;
    }

    /** Stages of fewer and fewer trials that go on for longer and longer. */
    private List<TrialFigures> halved(Search.Halving halving, List<Trial> trials)
            throws ExperimentRefusedException, IOException, InterruptedException {
        int rounds = plan.base().path("task").path("rounds").asInt();
        List<TrialFigures> ended = new ArrayList<>();
        List<Trial> still = trials;
        for (int stage : halving.stages(rounds)) {
            List<TrialFigures> figures = figures(still, stage);
            if (stage == rounds || figures.isEmpty()) {
                ended.addAll(figures);
                return ended;
            }
            List<TrialFigures> byLoss = figures.stream()
                    .sorted(Comparator.comparingDouble(one -> one.loss().mean()))
                    .toList();
            int kept = halving.kept(byLoss.size());
            told.accept("after " + stage + " rounds " + kept + " of " + byLoss.size() + " trials go on");
            still = byLoss.subList(0, kept).stream().map(TrialFigures::trial).toList();
            ended.addAll(byLoss.subList(kept, byLoss.size()));
        }
        return ended;
    }

    private List<TrialFigures> figures(List<Trial> trials, int untilRound)
            throws ExperimentRefusedException, IOException, InterruptedException {
        List<TrialFigures> all = new ArrayList<>();
        int number = 0;
        for (Trial trial : trials) {
            number++;
            try {
                List<RunFigures> runs = new ArrayList<>();
                for (long seed : plan.seeds()) {
                    runs.add(figures(trial, seed, untilRound));
                }
                TrialFigures figures = TrialFigures.of(trial, runs);
                all.add(figures);
                told.accept(String.format(Locale.ROOT, "%d/%d %s", number, trials.size(), figures.line()));
            } catch (ExperimentRefusedException e) {
                told.accept(String.format(
                        Locale.ROOT, "%d/%d %s: refused, %s", number, trials.size(), trial.label(), e.getMessage()));
            }
        }
        return all;
    }

    /** One run's figures: those in the file if it was run so far before. */
    private RunFigures figures(Trial trial, long seed, int untilRound)
            throws ExperimentRefusedException, IOException, InterruptedException {
        String name = trial.id() + "-" + seed;
        Path file = out.resolve("runs")
                .resolve(name + (untilRound == Integer.MAX_VALUE ? "" : "-until-" + untilRound) + ".json");
        if (Files.exists(file)) {
            return RunFigures.of(Json.read(file));
        }
        TaskRun run = halted.remove(name);
        if (run == null) {
            run = started(trial, seed);
        }
        try {
            ObjectNode json = Json.MAPPER.createObjectNode();
            json.set("chosen", Json.MAPPER.valueToTree(trial.chosen()));
            json.put("seed", seed);
            go(run, untilRound, json);
            Json.write(file, json);
            if (!run.isOver()) {
                halted.put(name, run);
            }
            return RunFigures.of(json);
        } catch (EngineException e) {
            throw new ExperimentRefusedException("training failed: " + e.getMessage());
        }
    }

    private TaskRun started(Trial trial, long seed) throws ExperimentRefusedException, IOException {
        Path scratch = Files.createTempDirectory(out, "blobs");
        try {
            return new TaskRun(lab, Definitions.complete(trial.task(), lab), seed, trial.cast(), scratch);
        } finally {
            Folders.delete(scratch);
        }
    }

    /** Rounds up to a stage's end, with a look now and then; ended early when looks find nothing better. */
    private void go(TaskRun run, int untilRound, ObjectNode json) throws EngineException, InterruptedException {
        double cpu = Learning.cpuSeconds();
        double best = Double.POSITIVE_INFINITY;
        int worse = 0;
        int devices = 0;
        ArrayNode looks = json.putArray("looks");
        boolean stopped = false;
        while (!run.isOver() && run.round() < untilRound && !stopped) {
            devices += run.next() ? run.cohortSize() : 0;
            if (run.round() % plan.every() == 0 || run.isOver() || run.round() == untilRound) {
                Judgement now = run.judge();
                looks.add(Learning.figures(now).put("round", run.round()));
                worse = now.loss() < best ? 0 : worse + 1;
                best = Math.min(best, now.loss());
                stopped = plan.patience() > 0 && worse >= plan.patience();
            }
        }
        Optional<Judgement> success = run.attackSuccess();
        success.ifPresent(judgement -> json.put("attackSuccess", judgement.accuracy()));
        if (Double.isFinite(run.epsilon())) {
            json.put("epsilon", run.epsilon());
        }
        json.put("bytesUp", run.bytesUp())
                .put("stoppedEarly", stopped)
                .put("cpuMillisADevice", devices == 0 ? 0 : 1000 * (Learning.cpuSeconds() - cpu) / devices);
    }

    /** The best of those within the limits, as an operator posts it. */
    private void choose(List<TrialFigures> best) throws ExperimentRefusedException, IOException {
        Optional<TrialFigures> chosen = best.stream()
                .filter(one -> one.epsilon() <= plan.limits().epsilon()
                        && one.bytesUp() <= plan.limits().bytesUp())
                .findFirst();
        if (chosen.isEmpty()) {
            throw new ExperimentRefusedException(
                    "no trial is within the limits; " + out.resolve("trials.csv") + " has what each costs");
        }
        Definitions.Complete task = Definitions.complete(chosen.get().trial().task(), lab);
        Json.write(out.resolve("task.json"), task.json());
        Files.write(
                out.resolve("initial.safetensors"), Safetensors.write(task.kit().initial()));
        told.accept("chosen: " + chosen.get().line());
    }
}
