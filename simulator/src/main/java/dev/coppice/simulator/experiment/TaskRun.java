package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Judgement;
import dev.coppice.aggregator.round.GroupSum;
import dev.coppice.aggregator.round.NextCandidate;
import dev.coppice.aggregator.round.NextTerms;
import dev.coppice.aggregator.round.UselessException;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.masking.Grouping;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;

/**
 * One run of one task from one seed: all its rounds, by the aggregator's own planning and merging, on updates that devices'
 * own training makes and their own encoder clips, rounds and noises. Equal tasks and seeds give equal runs. Use once.
 */
final class TaskRun {
    private final Lab lab;
    private final TaskDefinition definition;
    private final Classroom classroom;
    private final AdapterWeights initial;
    private final SeededRandomSource random;
    private final ServerNoise noise;
    private final List<List<Example>> lessons = new ArrayList<>();
    private final List<Integer> eligible;
    private final Optional<Malice> malice;
    private final Optional<Root> root;
    private final ConcurrentMap<Integer, float[]> kept = Turnout.nothingKept();
    private StoredTask task;
    private AdapterWeights candidate;
    private int round;
    private int merges;

    /**
     * Takes the task on.
     *
     * @param task as {@link Definitions#complete} made it
     * @param cast who attacks, and what the server trusts
     * @param scratch folder for blobs
     * @throws ExperimentRefusedException if the aggregator refuses the task, with its reason
     */
    TaskRun(Lab lab, Definitions.Complete task, long seed, Cast cast, Path scratch)
            throws ExperimentRefusedException, IOException {
        this.lab = lab;
        this.random = SeededRandomSource.of(seed);
        this.noise = new ServerNoise(SecretBytes.of(random.fork("server noise").bytes(32)));
        BlobFolder blobs = new BlobFolder(scratch);
        blobs.put(Safetensors.write(task.kit().initial()));
        try {
            this.task = new TaskDesk(new MemoryStore(), blobs, random.fork("task")).create(task.bytes());
        } catch (TaskRefusedException e) {
            throw new ExperimentRefusedException(String.valueOf(e.getMessage()));
        }
        this.definition = TaskJson.stored(this.task.definition());
        if (definition.buffer() != null) {
            throw new ExperimentRefusedException("rounds are played one after the other: leave buffer out");
        }
        this.classroom = lab.classroom(task.kit());
        this.initial = task.kit().initial();
        this.candidate = initial;
        for (Person person : lab.population().people()) {
            lessons.add(classroom.usable(person.train()));
        }
        this.malice = cast.adversary()
                .map(one ->
                        new Malice(one, lab.population(), definition.cohort().max(), random));
        this.root = Root.of(cast.trustedPeople(), lab.population(), classroom, random);
        this.eligible = IntStream.range(0, lessons.size())
                .filter(i -> lessons.get(i).size() >= definition.examplesMin())
                .boxed()
                .toList();
        if (eligible.size() < definition.cohort().min()) {
            throw new ExperimentRefusedException("cohort.min is "
                    + definition.cohort().min() + ", and " + eligible.size() + " people have enough texts");
        }
    }

    Classroom classroom() {
        return classroom;
    }

    /** The adapter after the rounds so far. */
    AdapterWeights candidate() {
        return candidate;
    }

    int round() {
        return round;
    }

    boolean isOver() {
        return round >= definition.rounds();
    }

    /** Devices in a round. */
    int cohortSize() {
        return Math.min(definition.cohort().max(), eligible.size());
    }

    /** Epsilon of all rounds together, infinite without noise. */
    double epsilon() {
        RoundTerms terms = nextTerms();
        return terms.getPrivacy().getNoiseMultiplier() > 0
                ? terms.getPrivacy().getEpsilonMax()
                : Double.POSITIVE_INFINITY;
    }

    /** Bytes of an update, masked or not. */
    long bytesUp() {
        EncodingParameters encoding = EncodingParameters.of(nextTerms().getEncoding());
        return ((long) encoding.paddedDimension() * encoding.bits() + 7) / 8;
    }

    private RoundTerms nextTerms() {
        return NextTerms.training(task, round + 1, merges, initial.layout(), Instant.EPOCH);
    }

    /**
     * One more round.
     *
     * @return false if it came to nothing
     */
    boolean next() throws EngineException, InterruptedException {
        RoundTerms terms = nextTerms();
        round++;
        List<Integer> cohort = cohort();
        List<float[]> updates = updates(terms, cohort);
        try {
            List<GroupSum> sums = NextCandidate.usable(terms, sums(terms, cohort, updates), noise);
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
        List<Integer> drawn = new Dice(random.fork("cohort " + round)).shuffled(eligible);
        return drawn.subList(0, cohortSize());
    }

    private List<float[]> updates(RoundTerms terms, List<Integer> cohort) throws EngineException, InterruptedException {
        Turnout turnout = Turnout.of(terms, candidate, kept);
        Optional<Malice.Scene> scene = malice.map(one -> one.scene(round, terms, cohort));
        List<Callable<float[]>> work = new ArrayList<>();
        for (int device : cohort) {
            work.add(() -> {
                if (scene.isPresent() && !scene.get().trains(device)) {
                    return turnout.nothing();
                }
                List<Example> own = lessons.get(device);
                AdapterWeights start = turnout.start(device, candidate);
                Classroom.Trained trained = classroom.train(
                        start,
                        turnout.held(),
                        scene.isPresent() ? scene.get().examples(device, own) : own,
                        terms.getTraining().getLocalSteps(),
                        terms.getTraining().getLearningRate(),
                        random.fork("lesson " + round + " " + device),
                        () -> true);
                return turnout.update(device, start, trained.weights());
            });
        }
        List<float[]> updates = lab.all(work);
        return scene.isPresent() ? scene.get().crafted(updates) : updates;
    }

    /** Encoded as on devices, added up as on the server. The cohort's order is drawn already. */
    private List<GroupSum> sums(RoundTerms terms, List<Integer> cohort, List<float[]> updates)
            throws EngineException, InterruptedException {
        EncodingParameters encoding = EncodingParameters.of(terms.getEncoding());
        Grouping grouping = Grouping.of(cohort.size(), terms.getCohort().getGroupSize());
        List<Callable<GroupSum>> work = new ArrayList<>();
        for (int group = 0; group < grouping.groups(); group++) {
            int number = group;
            work.add(() -> {
                UpdateEncoder encoder = new UpdateEncoder(encoding);
                int[] sum = new int[encoding.paddedDimension()];
                for (int place = grouping.first(number); place < grouping.first(number + 1); place++) {
                    int device = cohort.get(place);
                    float[] update = updates.get(place);
                    UpdateEncoder own = malice.isPresent() && malice.get().doesNotClip(device)
                            ? new UpdateEncoder(Malice.unclipped(encoding, update))
                            : encoder;
                    int[] encoded = own.encode(update, random.fork("encoding " + round + " " + device));
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += encoded[i];
                    }
                }
                return new GroupSum(number, grouping.first(number + 1) - grouping.first(number), sum);
            });
        }
        return lab.all(work);
    }

    /** How often held-out texts are answered as the attacker wants; empty if nobody wants anything. */
    Optional<Judgement> attackSuccess() throws EngineException, InterruptedException {
        List<Example> goal = malice.map(one -> classroom.usable(one.goal())).orElse(List.of());
        return goal.isEmpty() ? Optional.empty() : Optional.of(lab.judgeEach(classroom, candidate, goal));
    }

    /** How the candidate does on all held-out texts, on each device with what it kept of its own. */
    Judgement judge() throws EngineException, InterruptedException {
        if (kept.isEmpty()) {
            return lab.judge(classroom, candidate);
        }
        Turnout turnout = Turnout.of(nextTerms(), candidate, kept);
        return lab.judgeOwn(classroom, device -> turnout.start(device, candidate));
    }
}
