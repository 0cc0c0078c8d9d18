package dev.coppice.simulator;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.Participation;
import dev.coppice.agent.upload.Step;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.report.HeldOut;
import dev.coppice.simulator.report.RunReport.CurvePoint;
import dev.coppice.simulator.report.RunReport.RoundFigures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** All rounds of a task, with a look at the candidate after each. */
final class TrainingStage {
    private static final int SAMPLE = 40;
    private static final double BEGINS_AT = 0.12;
    private static final double ENDS_AT = 0.66;

    private final Material material;
    private final AdminClient admin;
    private final RoundLeader leader;
    private final Stopwatch watch;
    private final Progress progress;
    private final Evaluator evaluator;
    private final int sampled;

    TrainingStage(Material material, AdminClient admin, RoundLeader leader, Stopwatch watch, Progress progress) {
        this.material = material;
        this.admin = admin;
        this.leader = leader;
        this.watch = watch;
        this.progress = progress;
        List<Person> people = material.population().people();
        List<Person> sample = people.subList(0, Math.min(SAMPLE, people.size()));
        this.sampled = sample.size();
        this.evaluator = new Evaluator(material.engines(), material.kit(), material.batches(), Texts.heldOut(sample));
    }

    /** Leads all rounds of the task; an aborted one counts, as it does in the devices' ledgers. */
    Training run(int roundsWanted) throws IOException, InterruptedException {
        List<CurvePoint> curve = new ArrayList<>();
        List<RoundFigures> rounds = new ArrayList<>();
        List<Participation.Refused> refused = new ArrayList<>();
        long steps = 0;
        curve.add(judge(0, material.kit().initial()));
        for (int number = 1; number <= roundsWanted; number++) {
            double behind = Math.min(1, (number - 1.0) / roundsWanted);
            watch.part("round " + number + " of " + roundsWanted, BEGINS_AT + behind * (ENDS_AT - BEGINS_AT));
            Optional<RoundLeader.Led> led = leader.next(number);
            if (led.isEmpty()) { // the aggregator counts aborted rounds as we do
                throw new IOException("the task ended before round " + number);
            }
            rounds.add(led.get().figures());
            for (Participation participation : led.get().participations()) {
                switch (participation) {
                    case Participation.TookPart took -> steps += took.steps();
                    case Participation.Refused no -> refused.add(no);
                    case Participation.DroppedOut gone ->
                        steps += gone.step() == Step.CHECK_IN || gone.step() == Step.TRAIN
                                ? 0
                                : material.recipe().localSteps();
                    case Participation.NothingToDo ignored -> {}
                    case Participation.NotNow ignored -> {}
                }
            }
            if (led.get().figures().completed()) {
                curve.add(judge(number, candidate(led.get().round().candidateSha256())));
            }
            tell(led.get().figures(), curve.getLast());
        }
        return new Training(List.copyOf(curve), List.copyOf(rounds), steps, List.copyOf(refused));
    }

    private CurvePoint judge(int round, AdapterWeights weights) throws IOException, InterruptedException {
        try {
            HeldOut.Score score = evaluator.judge(weights);
            return new CurvePoint(round, score.accuracy(), score.loss(), sampled);
        } catch (EngineException e) {
            throw new IOException("the candidate cannot be judged: " + e.getMessage(), e);
        }
    }

    private AdapterWeights candidate(String sha256) throws IOException, InterruptedException {
        try {
            return Safetensors.read(admin.blob(sha256), material.kit().layout());
        } catch (FormatRefusedException e) {
            throw new IOException("the candidate does not fit the kit: " + e.getMessage(), e);
        }
    }

    private void tell(RoundFigures round, CurvePoint now) {
        progress.note(
                round.completed()
                        ? String.format(
                                Locale.ROOT,
                                "round %d: %d of %d devices in the sum, held-out accuracy %.1f %%, loss %.3f (%.1f s)",
                                round.number(),
                                round.inSum(),
                                round.started(),
                                100 * now.accuracy(),
                                now.loss(),
                                round.seconds())
                        : "round " + round.number() + ": " + round.outcome());
    }
}
