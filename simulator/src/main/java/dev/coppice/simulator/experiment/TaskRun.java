package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Judgement;
import dev.coppice.aggregator.round.GroupSum;
import dev.coppice.aggregator.round.NextCandidate;
import dev.coppice.aggregator.round.NextTerms;
import dev.coppice.aggregator.round.UselessException;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One run of one task from one seed: all its rounds, by the aggregator's own planning and merging, on updates that devices'
 * own training makes and their own encoder clips, rounds and noises. Equal tasks and seeds give equal runs. Use once.
 */
final class TaskRun {
    private final Lab lab;
    private final Posted posted;
    private final SeededRandomSource random;
    private final ServerNoise noise;
    private final Optional<Malice> malice;
    private final Optional<Root> root;
    private final Ranks ranks;
    private final CohortWork work;
    private StoredTask task;
    private AdapterWeights candidate;
    private int round;
    private int merges;

    /**
     * Takes the task on.
     *
     * @param task as {@link Definitions#complete} made it
     * @param cast who attacks, what the server trusts, and what ranks devices have
     * @param scratch folder for blobs
     * @throws ExperimentRefusedException if the aggregator refuses the task, or this cannot play it, with the reason
     */
    TaskRun(Lab lab, Definitions.Complete task, long seed, Cast cast, Path scratch)
            throws ExperimentRefusedException, IOException {
        this.lab = lab;
        this.random = SeededRandomSource.of(seed);
        this.noise = new ServerNoise(SecretBytes.of(random.fork("server noise").bytes(32)));
        this.posted = Posted.of(lab, task, random, scratch);
        if (posted.definition().buffer() != null) {
            throw new ExperimentRefusedException(
                    "rounds are played one after the other: leave buffer out, or say --classes");
        }
        this.task = posted.task();
        this.candidate = posted.initial();
        this.malice = cast.adversary()
                .map(one -> new Malice(
                        one, lab.population(), posted.definition().cohort().max(), random));
        this.root = Root.of(cast.trustedPeople(), lab.population(), posted.classroom(), random);
        this.ranks = Ranks.of(lab, posted, cast.ranks(), random);
        this.work = new CohortWork(lab, posted, ranks, malice, random);
    }

    Classroom classroom() {
        return posted.classroom();
    }

    /** The adapter after the rounds so far. */
    AdapterWeights candidate() {
        return candidate;
    }

    int round() {
        return round;
    }

    boolean isOver() {
        return round >= posted.definition().rounds();
    }

    /** Devices in a round. */
    int cohortSize() {
        return Math.min(posted.definition().cohort().max(), posted.eligible().size());
    }

    Posted posted() {
        return posted;
    }

    /** Epsilon of all rounds together, infinite without noise. */
    double epsilon() {
        return Posted.epsilon(nextTerms());
    }

    /** Bytes of an update, masked or not. */
    long bytesUp() {
        return Posted.inputBytes(nextTerms());
    }

    private RoundTerms nextTerms() {
        return NextTerms.training(task, round + 1, merges, posted.initial().layout(), Instant.EPOCH);
    }

    /**
     * One more round.
     *
     * @return false if it came to nothing
     */
    boolean next() throws EngineException, InterruptedException {
        RoundTerms terms = nextTerms();
        round++;
        List<GroupSum> handedIn = work.sums(terms, candidate, cohort());
        try {
            List<GroupSum> sums = NextCandidate.usable(terms, handedIn, noise);
            NextCandidate next = root.isPresent()
                    ? NextCandidate.of(
                            task, terms, candidate, sums, Optional.of(root.get().trust(terms, candidate)))
                    : NextCandidate.of(task, terms, candidate, sums);
            candidate = next.weights();
            task = task.merged(task.candidateSha256(), next.optimizerState(), next.template());
            merges++;
            return true;
        } catch (UselessException e) {
            return false;
        }
    }

    private List<Integer> cohort() {
        List<Integer> drawn = new Dice(random.fork("cohort " + round)).shuffled(posted.eligible());
        return drawn.subList(0, cohortSize());
    }

    /** How often held-out texts are answered as the attacker wants; empty if nobody wants anything. */
    Optional<Judgement> attackSuccess() throws EngineException, InterruptedException {
        List<Example> goal =
                malice.map(one -> posted.classroom().usable(one.goal())).orElse(List.of());
        return goal.isEmpty() ? Optional.empty() : Optional.of(lab.judgeEach(posted.classroom(), candidate, goal));
    }

    /** How the candidate does on all held-out texts, on each device with what it kept of its own. */
    Judgement judge() throws EngineException, InterruptedException {
        if (work.kept().isEmpty()) {
            return lab.judge(posted.classroom(), candidate);
        }
        Turnout turnout = Turnout.of(nextTerms(), candidate, work.kept());
        return lab.judgeOwn(posted.classroom(), device -> turnout.start(device, candidate));
    }

    /** How it does on them as devices of each rank hold it; empty if nothing was said of ranks. */
    List<Ranks.Judged> judgeByRank() throws EngineException, InterruptedException {
        return ranks.judge(lab, candidate);
    }
}
