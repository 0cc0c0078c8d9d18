package dev.coppice.aggregator.round;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.EnrolmentDesk;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.guard.PackFigures;
import dev.coppice.aggregator.store.EnrolmentStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.Attested;
import dev.coppice.crypto.masking.Masked;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.Sampling;
import dev.coppice.crypto.masking.Shared;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.metrics.Figure;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** An aggregator's domain with one task of 10-second phases, and devices that are called by number. */
final class RoundWorld {
    static final int DIMENSION = 64;
    static final ParameterLayout LORA = ParameterLayout.of(List.of(
            new TensorSpec("m.lora_A.weight", List.of(2, 20)), new TensorSpec("m.lora_B.weight", List.of(12, 2))));
    static final Duration PHASE = Duration.ofSeconds(10);
    private static final String HASH = "ab".repeat(32);
    private static final PeriodBudget NO_LIMIT =
            new PeriodBudget(Double.POSITIVE_INFINITY, 1e-8, Long.MAX_VALUE, Duration.ofDays(90));

    final ManualClock clock = ManualClock.atNewYear();
    final Store store;
    final BlobFolder blobs;
    final Keeper keeper;
    final Intake intake;
    final Polls polls;
    final CheckInDesk checkIns;
    final EnrolmentDesk enrolment;
    final TaskDesk tasks;
    final List<Actor> actors = new ArrayList<>();
    final List<PackFigures> told = new ArrayList<>();

    /** Rounds whose candidates were to be listed. */
    final List<Integer> listed = new ArrayList<>();

    /** Whether nothing can be done about what is told. */
    boolean deaf;

    final String taskId;

    private final RoundFacts facts;
    private final Inputs inputs;
    private final RandomSource random;
    final SigningKey server;
    private final ServerNoise noise;
    private final SigningKey authority;

    RoundWorld(Store store, Path folder, int devices, int rounds) throws Exception {
        this(store, folder, devices, rounds, Extras.NONE);
    }

    /**
     * What tasks may leave out, in JSON.
     *
     * @param noise if it is a name, epsilon is 8
     * @param groupSize if it is a number, so many devices make a cohort at least
     * @param mergeRule if it is a name, the adapter has two factors, {@link #LORA}
     * @param robustMerge an object, if the groups are not merged by their mean
     * @param buffer an object, if several rounds are open at once
     */
    record Extras(
            String clip,
            String keyAgreement,
            String groupSize,
            String noise,
            String mergeRule,
            boolean metrics,
            String robustMerge,
            String buffer) {
        /** Devices tell how pack 2 does: each that it tried it, and the first three that they went back. */
        static final Extras METRICS = new Extras("null", "null", "null", "null", "null", true, "null", "null");

        static final Extras NONE = new Extras("null", "null", "null");

        /** Without a merge rule. */
        Extras(String clip, String keyAgreement, String groupSize, String noise) {
            this(clip, keyAgreement, groupSize, noise, "null", false, "null", "null");
        }

        static Extras mergedBy(String rule) {
            return new Extras("null", "null", "null", "null", "\"" + rule + "\"", false, "null", "null");
        }

        /** All devices make the smallest cohort. */
        static Extras robust(String groupSize, String robustMerge) {
            return new Extras("null", "null", groupSize, "null", "null", false, robustMerge, "null");
        }

        static Extras buffered(String buffer) {
            return new Extras("null", "null", "null", "null", "null", false, "null", buffer);
        }

        /** Without noise. */
        Extras(String clip, String keyAgreement, String groupSize) {
            this(clip, keyAgreement, groupSize, "null");
        }
    }

    RoundWorld(Store store, Path folder, int devices, int rounds, Extras extras) throws Exception {
        this(store, folder, devices, rounds, extras, 7, (from, facts, clock) -> new StoredInputs(from, facts));
    }

    /** Makes what takes inputs. */
    @FunctionalInterface
    interface InputsKind {
        Inputs of(Store store, RoundFacts facts, InstantSource clock);
    }

    RoundWorld(Store store, Path folder, int devices, int rounds, Extras extras, long seed, InputsKind kind)
            throws Exception {
        this.random = new SeededBytes(seed)::fill;
        this.server = SigningKey.generate(random);
        this.noise = new ServerNoise(SecretBytes.of(random.bytes(32)));
        this.authority = SigningKey.generate(random);
        this.store = store;
        this.blobs = new BlobFolder(folder);
        this.facts = new RoundFacts(store, server.verifyingKey());
        Signals signals = new Signals();
        this.inputs = kind.of(store, facts, clock);
        this.keeper = new Keeper(
                new Keeper.Tools(
                        store,
                        blobs,
                        facts,
                        inputs,
                        signals,
                        server,
                        noise,
                        (task, round) -> listed.add(round),
                        this::tell,
                        RoundWatch.of(List.of()),
                        "keeper"),
                clock,
                Runnable::run);
        this.intake = new Intake(store, facts, inputs, keeper, authority.verifyingKey(), clock);
        this.polls = new Polls(store, facts, signals, clock, Duration.ZERO);
        this.checkIns = checkIns(NO_LIMIT);
        this.enrolment = new EnrolmentDesk(store, authority, random, clock);
        for (int i = 0; i < devices; i++) {
            actors.add(actor("home"));
        }
        this.tasks = new TaskDesk(store, blobs, random);
        this.taskId = tasks.create(task(rounds, extras)).id();
        keeper.tick();
    }

    private void tell(PackFigures figures) throws IOException {
        told.add(figures);
        if (deaf) {
            throw new IOException("Nothing can be done about it");
        }
    }

    /** A desk that leaves devices alone beyond {@code budget}. */
    CheckInDesk checkIns(PeriodBudget budget) {
        return new CheckInDesk(
                store,
                facts,
                keeper,
                new DeviceAccounts(store, budget, server),
                new HaltDesk(store, server),
                new Pace.Bounds(Duration.ofMinutes(1), Duration.ofHours(1), 100),
                random,
                clock);
    }

    VerifyingKey serverKey() {
        return server.verifyingKey();
    }

    /** One more device; those of the world itself are all at home. */
    Actor actor(String population) throws Exception {
        return new Actor(enrolment.tokens(1, population).get(0), actors.size());
    }

    private static AdapterWeights wholeAdapter() {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(DIMENSION))));
        return AdapterWeights.of(layout, new float[DIMENSION]);
    }

    /** Some A, and a B of zeros. */
    static AdapterWeights factors() {
        float[] values = new float[DIMENSION];
        for (int i = 0; i < 40; i++) {
            values[i] = (i % 7 - 3) / 10f;
        }
        return AdapterWeights.of(LORA, values);
    }

    /** What a round made. */
    AdapterWeights result(int number) throws Exception {
        return Safetensors.read(blobs.read(round(number).resultSha256()));
    }

    private byte[] task(int rounds, Extras extras) throws Exception {
        boolean hasFactors = !extras.mergeRule().equals("null");
        String initial = blobs.put(Safetensors.write(hasFactors ? factors() : wholeAdapter()));
        LoraSpec lora = hasFactors ? new LoraSpec(2, 4, List.of("m"), Factors.BOTH, 1) : LoraSpec.none();
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, lora, List.of("yes", "no"), 4, 16);
        JsonNode spec = new ObjectMapper().readTree(kit.toJson());
        if (extras.metrics()) {
            return """
                {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": %2$s, "kitSha256": "%1$s",
                 "rounds": %3$d, "epsilon": null, "delta": 1e-8,
                 "cohort": {"min": 5, "max": 10, "dropoutBound": 0.3, "corruptionBound": 0.0},
                 "metrics": {"packVersion": 2, "deviceClasses": [], "devicesMin": 5},
                 "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
                """.formatted(HASH, spec, rounds).getBytes(StandardCharsets.UTF_8);
        }
        return """
            {"skill": "s", "population": "home", "baseModelSha256": "%s", "kitSpec": %s, "kitSha256": "%s",
             "initialAdapterSha256": "%s", "rounds": %d, "localSteps": 1, "learningRate": 0.1, "examplesMin": 1,
             "clipNorm": 1.0, "clip": %s, "epsilon": %s, "delta": 1e-8, "noise": %s,
             "cohort": {"min": %s, "max": %d, "dropoutBound": 0.3, "corruptionBound": 0.0, "groupSize": %s},
             "keyAgreement": %s, "mergeRule": %s, "robustMerge": %s, "buffer": %s,
             "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
             "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
            """.formatted(
                        HASH,
                        spec,
                        HASH,
                        initial,
                        rounds,
                        extras.clip(),
                        extras.noise().equals("null") ? "null" : "8",
                        extras.noise(),
                        smallest(extras),
                        Math.max(10, actors.size()),
                        extras.groupSize(),
                        extras.keyAgreement(),
                        extras.mergeRule(),
                        extras.robustMerge(),
                        extras.buffer())
                .getBytes(StandardCharsets.UTF_8);
    }

    private String smallest(Extras extras) {
        if (!extras.robustMerge().equals("null")) {
            return String.valueOf(actors.size());
        }
        return extras.groupSize().equals("null") ? "5" : extras.groupSize();
    }

    RoundTerms terms(int number) throws Exception {
        return RoundTerms.parseFrom(Signed.parseFrom(round(number).terms()).getPayload());
    }

    StoredRound round(int number) {
        return store.rounds(taskId).get(number - 1);
    }

    /** Lets the present phase's time run out. */
    void deadline() throws Exception {
        clock.advance(PHASE);
        keeper.tick();
        settle();
    }

    /** Waits for what is done elsewhere, in true time: the world's own stands still. */
    void settle() throws Exception {
        if (inputs.areCollected()) {
            keeper.tick();
            for (int i = 0; i < 1_000 && isCollecting(); i++) {
                Thread.sleep(20);
                keeper.tick();
            }
        }
    }

    private boolean isCollecting() {
        return store.openRounds().stream().anyMatch(round -> round.phase() == Phase.COLLECTING);
    }

    /** The sum of a round's updates, rounded: how often each device was counted. */
    List<Integer> counts(StoredRound round) throws Exception {
        return counts(round, round.tally().masked());
    }

    /** @param devices that are in the sums */
    List<Integer> counts(StoredRound round, int devices) throws Exception {
        float[] mean = Safetensors.read(blobs.read(round.resultSha256())).toArray();
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < actors.size(); i++) {
            counts.add(Math.round(mean[i] * devices));
        }
        return counts;
    }

    /** Tells devices {@code from} to {@code to} (exclusive) to do something. */
    void all(int from, int to, Turn turn) throws Exception {
        for (Actor actor : actors.subList(from, to)) {
            turn.of(actor);
        }
        settle();
    }

    @FunctionalInterface
    interface Turn {
        void of(Actor actor) throws Exception;
    }

    /** One device, which does what it is told and keeps what it must. */
    final class Actor {
        private final int number;
        private final SigningKey key = SigningKey.generate(random);
        final EnrolmentStore.Device device;
        private final Signed certificate;
        private final List<Object> steps = new ArrayList<>();
        String roundId = "";
        /** Whether it puts in what no update is encoded as. */
        boolean overflowing;

        Actor(String token, int number) throws Exception {
            this.number = number;
            ByteString tokenBytes = ByteString.copyFrom(HexFormat.of().parseHex(token));
            ByteString publicKey = ByteString.copyFrom(key.verifyingKey().bytes());
            byte[] message = tokenBytes.concat(publicKey).toByteArray();
            this.certificate = enrolment
                    .enrol(EnrolRequest.newBuilder()
                            .setToken(tokenBytes)
                            .setSigningKey(publicKey)
                            .setProof(ByteString.copyFrom(key.sign(Purpose.ENROLMENT_PROOF, message)))
                            .build()
                            .toByteArray())
                    .getCertificate();
            String id = DeviceCertificate.parseFrom(certificate.getPayload()).getDeviceId();
            this.device = store.findDevice(id).orElseThrow();
        }

        CheckInReply checkIn() throws RequestRefusedException {
            return checkIn("home");
        }

        CheckInReply checkIn(String population) throws RequestRefusedException {
            return checkIns.checkIn(device, request(population));
        }

        CheckInReply checkIn(CheckInDesk desk) throws RequestRefusedException {
            return desk.checkIn(device, request("home"));
        }

        /** As a device that says this of itself. */
        CheckInReply checkIn(UnaryOperator<CheckIn.Builder> says) throws RequestRefusedException {
            return checkIns.checkIn(
                    device, says.apply(request("home").toBuilder()).build());
        }

        private CheckIn request(String population) {
            return CheckIn.newBuilder()
                    .setPopulation(population)
                    .setBaseModelSha256(HASH)
                    .setSentEpochMillis(clock.instant().toEpochMilli())
                    .setNonce(ByteString.copyFrom(random.bytes(16)))
                    .build();
        }

        VerifiedTerms terms() throws Exception {
            return VerifiedTerms.verify(checkIn().getAssignment().getTerms(), server.verifyingKey());
        }

        Advertisement advertisement() throws Exception {
            return advertisement(terms());
        }

        Advertisement advertisement(VerifiedTerms terms) throws Exception {
            roundId = terms.roundId();
            steps.clear();
            Advertised advertised = MaskingClient.advertise(
                    terms,
                    new Member(device.id(), key, certificate),
                    Peers.of(authority.verifyingKey()),
                    clock.instant(),
                    random);
            steps.add(terms);
            steps.add(advertised);
            return advertised.message();
        }

        RoundReply advertise() throws Exception {
            Advertisement message = advertisement();
            return intake.advertise(device, roundId, message);
        }

        NonceOpening opening() throws Exception {
            return ((Advertised) steps.get(1)).open(poll(Poll.Step.ROSTER).getClosed());
        }

        ShareBundle bundle() throws Exception {
            Shared shared =
                    ((Advertised) steps.get(1)).share(poll(Poll.Step.ROSTER).getRoster());
            steps.add(shared);
            return shared.message();
        }

        RoundReply share() throws Exception {
            return intake.share(device, roundId, bundle());
        }

        MaskedInput masked() throws Exception {
            VerifiedTerms terms = (VerifiedTerms) steps.get(0);
            Encoding encoding = terms.terms().getEncoding();
            float[] update = terms.terms().hasMetrics()
                    ? MetricsLayout.of(terms.terms().getMetrics())
                            .vector("any", told(terms.terms().getMetrics().getSubject()))
                    : unitVector(encoding);
            int[] encoded = new UpdateEncoder(EncodingParameters.of(encoding)).encode(update, random);
            if (overflowing) {
                Arrays.fill(encoded, 3 << (terms.bits() - 5)); // eight of them are not 0 either
            }
            Masked masked = ((Shared) steps.get(2)).mask(poll(Poll.Step.INBOX).getInbox(), encoded);
            steps.add(masked);
            return masked.message();
        }

        /** The first two have no personal adapter. */
        private Map<Figure, Double> told(MetricsSubject subject) {
            if (subject == MetricsSubject.PACK) {
                return Map.of(Figure.TRIED, 1.0, Figure.WENT_BACK, number < 3 ? 1.0 : 0);
            }
            return number < 2
                    ? Map.of()
                    : Map.of(
                            Figure.PERSONAL_JUDGED,
                            1.0,
                            Figure.PERSONAL_RIGHT_BEFORE,
                            0.5,
                            Figure.PERSONAL_RIGHT_AFTER,
                            0.75,
                            Figure.ofGain(0.25),
                            1.0);
        }

        private float[] unitVector(Encoding encoding) {
            float[] update = new float[encoding.getDimension() - (encoding.getIndicator() == 0 ? 0 : 1)];
            update[number] = 1;
            return update;
        }

        RoundReply mask() throws Exception {
            return mask(masked());
        }

        RoundReply mask(MaskedInput input) throws Exception {
            return intake.mask(device, roundId, input, SentBytes.of(input.toByteString()));
        }

        Attestation attestation() throws Exception {
            Signed survivors = poll(Poll.Step.SURVIVORS).getSurvivors();
            Attested attested = ((Masked) steps.get(3)).attest(survivors, server.verifyingKey());
            steps.add(attested);
            return attested.message();
        }

        RoundReply attest() throws Exception {
            return intake.attest(device, roundId, attestation());
        }

        Unmasking unmasking() throws Exception {
            AttestationRoll roll = poll(Poll.Step.ATTESTATIONS).getAttestations();
            Sampling sampling = ((Attested) steps.get(4)).sample(roll);
            RoundReply reply = polls.sample(device, roundId, sampling.message());
            return sampling.unmask(reply.getOpenings()).message();
        }

        RoundReply unmask() throws Exception {
            return intake.unmask(device, roundId, unmasking());
        }

        RoundReply poll(Poll.Step awaits) throws Exception {
            return polls.poll(
                    device,
                    roundId,
                    Poll.newBuilder().setRoundId(roundId).setAwaits(awaits).build());
        }
    }
}
