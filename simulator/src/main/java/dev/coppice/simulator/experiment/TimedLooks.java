package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.training.Judgement;
import dev.coppice.simulator.experiment.PacedRound.Ended;
import dev.coppice.simulator.experiment.PacedRun.Progress;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Plays a run in virtual time and looks at its candidate every so often: its learning curve over hours and over work. */
final class TimedLooks {
    /** Of accuracy: when each multiple of it was reached first is told. */
    private static final double MILESTONE = 0.05;

    private final PacedRun run;
    private final Duration every;
    private final Consumer<String> told;
    private final ObjectNode figures = Json.MAPPER.createObjectNode();
    private final ArrayNode looks = figures.putArray("looks");
    private final ArrayNode reached = figures.putArray("reached");
    private int milestones;

    /**
     * Looks at a run from its beginning.
     *
     * @param every virtual time between two looks, above zero; the end is looked at too
     * @param told takes a line for each look
     */
    TimedLooks(PacedRun run, Duration every, Consumer<String> told) {
        this.run = run;
        this.every = every;
        this.told = told;
    }

    /**
     * Plays the run to its end.
     *
     * @return {@code looks}, each at a time; {@code reached}, the first look at which accuracy was so high; {@code rounds}, as
     *     they ended; {@code abandoned}, how many of these
     */
    ObjectNode play() throws EngineException, InterruptedException {
        AdapterWeights seen = run.candidate();
        Judgement judgement = run.judge();
        look(judgement);
        for (Duration at = every; !run.isOver(); at = at.plus(every)) {
            run.until(at);
            if (!run.candidate().equals(seen)) {
                seen = run.candidate();
                judgement = run.judge();
            }
            look(judgement);
        }
        ArrayNode rounds = figures.putArray("rounds");
        run.ended().forEach(one -> rounds.add(told(one)));
        figures.put(
                "abandoned", run.ended().stream().filter(one -> !one.isTaken()).count());
        return figures;
    }

    private void look(Judgement judgement) {
        Progress progress = run.progress();
        ObjectNode look = Learning.figures(judgement);
        look.put("hours", hours(run.now()))
                .put("rounds", progress.rounds())
                .put("merges", progress.merges())
                .put("trainings", progress.trainings())
                .put("inSums", progress.inSums())
                .put("deviceHours", hours(progress.training()));
        looks.add(look);
        told.accept(String.format(
                Locale.ROOT,
                "%.2f h, %d rounds, %d merges, %d trainings of %.1f h: loss %.4f, accuracy %.2f %% of %d",
                hours(run.now()),
                progress.rounds(),
                progress.merges(),
                progress.trainings(),
                hours(progress.training()),
                judgement.loss(),
                100 * judgement.accuracy(),
                judgement.positions()));
        while (judgement.accuracy() >= MILESTONE * (milestones + 1)) {
            milestones++;
            reached.add(Json.MAPPER
                    .createObjectNode()
                    .put("percent", Math.round(100 * MILESTONE * milestones))
                    .put("hours", hours(run.now()))
                    .put("trainings", progress.trainings())
                    .put("deviceHours", hours(progress.training())));
        }
    }

    private static ObjectNode told(Ended round) {
        return Json.MAPPER
                .createObjectNode()
                .put("number", round.number())
                .put("openedHours", hours(round.opened()))
                .put("endedHours", hours(round.ended()))
                .put("devices", round.cohort().size())
                .put("staleness", round.staleness())
                .put("outcome", round.isTaken() ? "COMPLETED" : round.reason().name());
    }

    private static double hours(Duration time) {
        return time.toMillis() / 3.6e6;
    }
}
