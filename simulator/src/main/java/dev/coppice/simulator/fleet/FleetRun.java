package dev.coppice.simulator.fleet;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.PrivacyBudget;
import dev.coppice.agent.training.Judgement;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.Reckoning;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.UpdateMerge;
import dev.coppice.simulator.fleet.FleetResult.Judged;
import dev.coppice.simulator.world.SeededRandomSource;
import dev.coppice.simulator.world.SharedReckoning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One run of a fleet: so many rounds as the task says. A round is a function of the seed, its number and what went on from the
 * one before; nothing else, and so the result is the same whatever the number of workers, and after a kill. Use once.
 */
public final class FleetRun {
    private static final Instant START = Instant.parse("2026-01-05T00:00:00Z");
    private static final int JUDGED_AT_ONCE = 200;
    private static final int REMEMBERED = 400_000; // of a round with 10,000 devices, each with some 78 neighbours
    private static final FleetResult.Gain GAIN_UNKNOWN =
            new FleetResult.Gain(-1, "", false, 0, new Judged(0, 0), new Judged(0, 0));

    private final FleetSettings settings;
    private final FleetMaterial material;
    private final BlobStore blobs;
    private final SeededRandomSource random;
    private final FleetObserver observer;
    private final int rounds;
    private final List<Example> questions;
    private final Optional<Malice> malice;
    private final List<Example> goal;

    /**
     * A run.
     *
     * @param folder where candidates are kept, by hash; made if absent
     * @throws IllegalArgumentException if the settings do not go together, with the reason
     */
    public FleetRun(FleetSettings settings, FleetMaterial material, Path folder, FleetObserver observer) {
        this.settings = settings;
        this.material = material;
        this.observer = observer;
        blobs = new BlobFolder(folder);
        random = SeededRandomSource.of(settings.seed());
        rounds = settings.task().path("rounds").asInt();
        malice = settings.attack().map(adversary -> new Malice(adversary, settings, material, random));
        List<Example> all = material.classroom().usable(material.data().heldOut());
        questions = sample(all, settings.judging().examplesMax());
        goal = malice.map(one -> material.classroom().usable(one.goal(questions, 1)))
                .orElse(List.of());
        requireSense();
    }

    private void requireSense() {
        UpdateMerge merge =
                Extensions.named(UpdateMerge.class, "merge", settings.merge().name());
        boolean hasGroups = settings.task().path("cohort").path("groupSize").asInt(0) > 0;
        if (!merge.isMean() && settings.privacy() == Privacy.SECAGG_DDG) {
            throw new IllegalArgumentException(
                    "merge \"" + merge.name() + "\" is the simulator's: it goes with privacy " + Privacy.OFF.label()
                            + ", or with " + Privacy.TRUST_SUM.label() + " and task.cohort.groupSize");
        }
        if (!merge.isMean() && settings.privacy() == Privacy.TRUST_SUM && !hasGroups) {
            throw new IllegalArgumentException(
                    "merge \"" + merge.name() + "\" needs task.cohort.groupSize: of one group there is one sum");
        }
        if (settings.privacy() == Privacy.SECAGG_DDG
                && malice.isPresent()
                && !malice.get().clips()) {
            throw new IllegalArgumentException("an attack that does not clip is simulated with privacy "
                    + Privacy.TRUST_SUM.label() + " or " + Privacy.OFF.label());
        }
        if (settings.privacy() == Privacy.OFF
                && !settings.task().path("epsilon").isNull()) {
            throw new IllegalArgumentException(
                    "privacy " + Privacy.OFF.label() + " has no noise: leave task.epsilon null");
        }
    }

    /** Every so-manieth, so that all devices are asked. */
    private static List<Example> sample(List<Example> all, int most) {
        if (all.size() <= most) {
            return all;
        }
        return IntStream.range(0, most)
                .mapToObj(i -> all.get((int) ((long) i * all.size() / most)))
                .toList();
    }

    /**
     * Plays all rounds.
     *
     * @throws IllegalArgumentException if the aggregator refuses the task, with its reason
     */
    public FleetResult run() throws IOException, InterruptedException {
        return run(Checkpoint.NONE);
    }

    /**
     * Plays the rounds that are missing.
     *
     * @param checkpoint where the run goes on from, and what it leaves after each round
     * @throws IllegalArgumentException if the aggregator refuses the task, with its reason
     */
    public FleetResult run(Checkpoint checkpoint) throws IOException, InterruptedException {
        return run(checkpoint, Optional.empty());
    }

    /**
     * Plays the rounds that are missing, with a crew.
     *
     * @throws IllegalArgumentException if the aggregator refuses the task, or the updates are not summed in the clear
     */
    public FleetResult run(Checkpoint checkpoint, Crew crew) throws IOException, InterruptedException {
        if (settings.privacy() == Privacy.SECAGG_DDG) {
            throw new IllegalArgumentException("rounds of " + Privacy.SECAGG_DDG.label()
                    + " are played in one process: a crew is for " + Privacy.TRUST_SUM.label() + " and "
                    + Privacy.OFF.label());
        }
        return run(checkpoint, Optional.of(crew));
    }

    /**
     * Plays members of rounds for a run of the same settings that another process leads, until interrupted.
     *
     * @throws IllegalArgumentException if the aggregator would refuse the task, with its reason
     */
    public void help(Hand hand) throws IOException, InterruptedException {
        task(); // or nobody would send anything, and nobody here know why
        try (FleetKeys keys = new FleetKeys(random, START);
                Workers workers = new Workers(material.workers())) {
            SlicePlayer player = new SlicePlayer(context(keys, workers, Optional.empty()));
            hand.serve(piece -> {
                Slice slice = SliceWire.slice(piece);
                observer.roundBegan(slice.round(), slice.seats().size());
                return SliceWire.bytes(player.play(slice));
            });
        }
    }

    private RoundContext context(FleetKeys keys, Workers workers, Optional<Crew> crew) {
        PrivacyBudget budget = settings.budget();
        return new RoundContext(
                settings,
                material,
                keys,
                new Peers(keys.authority().verifyingKey(), new SharedReckoning(Reckoning.EACH_TIME, REMEMBERED)),
                new Guests(settings, random, material.data().devices()),
                blobs,
                budget,
                new FleetRules(material, budget.noiseMultiplierMin()),
                malice,
                workers,
                crew,
                observer);
    }

    private FleetResult run(Checkpoint checkpoint, Optional<Crew> crew) throws IOException, InterruptedException {
        try (FleetKeys keys = new FleetKeys(random, START);
                Workers workers = new Workers(material.workers())) {
            RoundContext context = context(keys, workers, crew);
            Optional<Progressed> before = checkpoint.read(material.data().devices());
            Progressed so = before.isPresent()
                    ? before.get()
                    : new Progressed(
                            new FleetState(material.data().devices(), task(), START),
                            judged(workers, material.initial(), questions),
                            List.of());
            FleetState state = so.state();
            List<RoundRecord> records = new ArrayList<>(so.rounds());
            for (int number = records.size() + 1; number <= rounds; number++) {
                RoundRecord record = round(context, state, number);
                records.add(record);
                checkpoint.write(new Progressed(state, so.base(), records));
                observer.roundEnded(record);
            }
            AdapterWeights adapter = adapter(state.task().candidateSha256());
            return new FleetResult(so.base(), records, adapter, participations(state), gains(context, state, adapter));
        }
    }

    /** How far a run has come. */
    record Progressed(FleetState state, Judged base, List<RoundRecord> rounds) {
        Progressed {
            rounds = List.copyOf(rounds);
        }
    }

    private static List<Integer> participations(FleetState state) {
        return IntStream.range(0, state.devices())
                .mapToObj(state::participations)
                .toList();
    }

    /** Of every so-manieth device. */
    private List<FleetResult.Gain> gains(RoundContext context, FleetState state, AdapterWeights adapter)
            throws IOException, InterruptedException {
        int devices = state.devices();
        int asked = Math.min(devices, settings.judging().devicesMax());
        List<FleetResult.Gain> gains = new ArrayList<>();
        for (int i = 0; i < asked; i++) {
            gains.add(GAIN_UNKNOWN);
        }
        context.workers().each(asked, i -> {
            int device = (int) ((long) i * devices / asked);
            List<Example> own = material.classroom().usable(material.data().heldOut(device));
            FleetResult.Gain gain = own.isEmpty()
                    ? GAIN_UNKNOWN
                    : new FleetResult.Gain(
                            device,
                            context.guests().classOf(device).name(),
                            context.guests().isMalicious(device, rounds),
                            state.participations(device),
                            judgedOn(material.initial(), own),
                            judgedOn(adapter, own));
            synchronized (gains) {
                gains.set(i, gain);
            }
        });
        return gains.stream().filter(gain -> gain.device() >= 0).toList();
    }

    private Judged judgedOn(AdapterWeights weights, List<Example> own) throws IOException, InterruptedException {
        try {
            Judgement judgement = material.classroom().judge(weights, own);
            return new Judged(judgement.accuracy(), judgement.loss());
        } catch (EngineException e) {
            throw new IOException("a device's texts cannot be judged: " + e.getMessage(), e);
        }
    }

    private RoundRecord round(RoundContext context, FleetState state, int number)
            throws IOException, InterruptedException {
        Instant began = state.now();
        Played round = settings.privacy() == Privacy.SECAGG_DDG
                ? new NetworkRound(context, state, number)
                : new TrustedRound(context, state, number);
        Played.Ended ended = round.play();
        for (Guest guest : ended.guests()) {
            state.participated(
                    guest.device(), ended.tally().part(guest.device()).inSum() ? 1 : 0);
        }
        state.goOn(ended.task(), ended.round(), ended.then());
        RoundRecord record = record(number, began, ended);
        return isJudged(number) ? judged(context.workers(), record) : record;
    }

    private boolean isJudged(int number) {
        int every = settings.judging().every();
        return number == rounds || (every > 0 && number % every == 0);
    }

    private RoundRecord record(int number, Instant began, Played.Ended ended) {
        Tally tally = ended.tally();
        String outcome = ended.round().resultSha256().isEmpty()
                ? ended.round().reason().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                : "completed";
        double delta = settings.delta();
        return new RoundRecord(
                number,
                settings.privacy().label(),
                outcome,
                ended.guests().size(),
                tally.members(),
                tally.inSum(),
                tally.dropouts(),
                tally.refused(),
                tally.steps(),
                tally.trainingLoss(),
                tally.bytesUp(),
                tally.bytesDown(),
                seconds(began),
                seconds(ended.then()),
                ended.phases(),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                tally.attackers(),
                settings.isNoisy() ? tally.spentMost().epsilon(delta) : Double.NaN,
                tally.classes(settings.classes()),
                ended.task().candidateSha256());
    }

    private static double seconds(Instant time) {
        return (time.toEpochMilli() - START.toEpochMilli()) / 1e3;
    }

    private RoundRecord judged(Workers workers, RoundRecord record) throws IOException, InterruptedException {
        AdapterWeights weights = adapter(record.candidateSha256());
        Judged now = judged(workers, weights, questions);
        double success =
                goal.isEmpty() ? Double.NaN : judged(workers, weights, goal).accuracy();
        return record.judged(now.accuracy(), now.loss(), success);
    }

    /** In portions of one size, whose figures are added up in their order. */
    private Judged judged(Workers workers, AdapterWeights weights, List<Example> asked)
            throws IOException, InterruptedException {
        int portions = Math.ceilDiv(asked.size(), JUDGED_AT_ONCE);
        Judgement[] judgements = new Judgement[portions];
        workers.each(portions, i -> {
            List<Example> portion = asked.subList(i * JUDGED_AT_ONCE, Math.min(asked.size(), (i + 1) * JUDGED_AT_ONCE));
            try {
                judgements[i] = material.classroom().judge(weights, portion);
            } catch (EngineException e) {
                throw new IOException("the candidate cannot be judged: " + e.getMessage(), e);
            }
        });
        double right = 0;
        double loss = 0;
        long positions = 0;
        for (Judgement judgement : judgements) {
            right += judgement.accuracy() * judgement.positions();
            loss += judgement.loss() * judgement.positions();
            positions += judgement.positions();
        }
        return new Judged(right / positions, loss / positions);
    }

    private AdapterWeights adapter(String sha256) throws IOException {
        try {
            return Safetensors.read(blobs.read(sha256), material.kit().layout());
        } catch (FormatRefusedException e) {
            throw new IOException("the candidate is none of this kit: " + e.getMessage(), e);
        }
    }

    /** As an operator would have it made, and refused for the same reasons. */
    private StoredTask task() throws IOException {
        blobs.put(Safetensors.write(material.initial()));
        byte[] json = material.definition(settings).toString().getBytes(StandardCharsets.UTF_8);
        try {
            StoredTask task = new TaskDesk(new MemoryStore(), blobs, random.fork("task")).create(json);
            if (TaskJson.stored(task.definition()).buffer() != null) {
                throw new IllegalArgumentException("task: rounds are played one after the other: leave buffer out");
            }
            return task;
        } catch (TaskRefusedException e) {
            throw new IllegalArgumentException("task: " + e.getMessage(), e);
        }
    }
}
