package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.PrivacyBudget;
import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.Arrival;
import dev.coppice.aggregator.enrolment.DeviceGate;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.limits.Buckets;
import dev.coppice.aggregator.round.CheckInDesk;
import dev.coppice.aggregator.round.HaltDesk;
import dev.coppice.aggregator.round.Inputs;
import dev.coppice.aggregator.round.Intake;
import dev.coppice.aggregator.round.Keeper;
import dev.coppice.aggregator.round.Pace;
import dev.coppice.aggregator.round.Polls;
import dev.coppice.aggregator.round.RoundFacts;
import dev.coppice.aggregator.round.RoundWatch;
import dev.coppice.aggregator.round.Signals;
import dev.coppice.aggregator.round.StoredInputs;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The aggregator's domain in this process, for one round: the desks that stand behind its HTTP front, over a store in memory
 * that knows the round's devices and the task's past. Use on one thread.
 */
final class RoundServer {
    private static final int SMALL_BYTES_MAX = 1024;

    /** Devices come when the simulation says so. */
    private static final Pace.Bounds PACE = new Pace.Bounds(Duration.ofMinutes(1), Duration.ofHours(1), 100);

    private final MemoryStore store = new MemoryStore();
    private final BlobStore blobs;
    private final FleetKeys keys;
    private final InstantSource clock;
    private final String taskId;
    private Keeper keeper;
    private CheckInDesk checkIns;
    private Intake intake;
    private Polls polls;
    private DeviceGate gate;

    /** @param past rounds of the task, all over */
    @SuppressWarnings("NullAway.Init") // by start
    RoundServer(StoredTask task, List<StoredRound> past, BlobStore blobs, FleetKeys keys, InstantSource clock) {
        this.blobs = blobs;
        this.keys = keys;
        this.clock = clock;
        taskId = task.id();
        store.addTask(task);
        past.forEach(round -> store.open(round, 1));
        start();
    }

    /** Starts it anew over what is stored, as after a crash: what was in memory alone is gone. */
    void start() {
        Signals signals = new Signals();
        RoundFacts facts = new RoundFacts(store, keys.server().verifyingKey());
        Inputs inputs = new StoredInputs(store, facts);
        keeper = new Keeper(
                new Keeper.Tools(
                        store,
                        blobs,
                        facts,
                        inputs,
                        signals,
                        keys.server(),
                        new ServerNoise(SecretBytes.of(keys.serverNoise())),
                        (task, round) -> {},
                        figures -> {},
                        RoundWatch.of(List.of()),
                        "simulator"),
                clock,
                Runnable::run);
        DeviceAccounts accounts =
                new DeviceAccounts(store, PrivacyBudget.insecureUnlimited().inAnyPeriod(), keys.server());
        checkIns = new CheckInDesk(
                store, facts, keeper, accounts, new HaltDesk(store, keys.server()), PACE, keys.checkIns(), clock);
        intake = new Intake(store, facts, inputs, keeper, keys.authority().verifyingKey(), clock);
        polls = new Polls(store, facts, signals, clock, Duration.ZERO);
        gate = new DeviceGate(store, new Buckets(0, 0), clock);
    }

    /** Enrols a device, which an enrolment authority has certified before. */
    void enrol(Member member) {
        String token = Sha256.hex(member.deviceId().getBytes(StandardCharsets.UTF_8));
        store.addTokens(List.of(token), FleetMaterial.POPULATION);
        boolean isNew = store.redeem(
                token,
                new Device(
                        member.deviceId(),
                        ByteString.copyFrom(member.key().verifyingKey().bytes()),
                        FleetMaterial.POPULATION,
                        member.certificate().toByteString(),
                        false));
        if (!isNew) {
            throw new IllegalStateException("two devices are called " + member.deviceId());
        }
    }

    /** Does what is due: opens the round, closes phases whose time is over. */
    void tick() throws IOException {
        keeper.tick();
    }

    /** The task's newest round. */
    StoredRound round() {
        return store.rounds(task().id()).getLast();
    }

    /** That round as it is now. */
    StoredRound round(String id) {
        return store.findRound(id).orElseThrow();
    }

    StoredTask task() {
        return store.findTask(taskId).orElseThrow();
    }

    MemoryStore store() {
        return store;
    }

    /** What the HTTP front answers to a POST. */
    MessageLite post(String path, byte[] body) throws RequestRefusedException {
        if (path.equals("/v1/checkin")) {
            var sent = gate.open(arrived(body), Purpose.CHECK_IN, CheckIn.parser(), CheckInDesk.CHECK_IN_BYTES_MAX);
            return checkIns.checkIn(sent.sender(), sent.message());
        }
        String[] parts = path.split("/", -1);
        if (parts.length != 5 || !parts[2].equals("rounds")) {
            throw new RequestRefusedException(Kind.NOT_FOUND, "No such address");
        }
        return step(parts[3], parts[4], body);
    }

    /** A poll that was let in, and can be asked again and again. */
    interface Held {
        /** What it waits for, or that it must wait on. */
        RoundReply ask() throws RequestRefusedException, InterruptedException;
    }

    /** Lets a poll in. */
    Held poll(String path, byte[] body) throws RequestRefusedException {
        var sent = open(body, Purpose.POLL, Poll.parser(), SMALL_BYTES_MAX);
        String[] parts = path.split("/", -1);
        return () -> polls.poll(sent.sender(), parts[3], sent.message());
    }

    private RoundReply step(String id, String step, byte[] body) throws RequestRefusedException {
        return switch (step) {
            case "advertise" -> {
                var sent = open(body, Purpose.ADVERTISE, Advertisement.parser(), Limits.ADVERTISEMENT_BYTES_MAX);
                yield intake.advertise(sent.sender(), id, sent.message());
            }
            case "open" -> {
                var sent = open(body, Purpose.OPEN, NonceOpening.parser(), SMALL_BYTES_MAX);
                yield intake.open(sent.sender(), id, sent.message());
            }
            case "shares" -> {
                var sent = open(body, Purpose.SHARES, ShareBundle.parser(), Limits.ROUND_MESSAGE_BYTES_MAX);
                yield intake.share(sent.sender(), id, sent.message());
            }
            case "masked" -> {
                var sent = open(body, Purpose.MASKED_INPUT, MaskedInput.parser(), Limits.MASKED_INPUT_BYTES_MAX);
                yield intake.mask(sent.sender(), id, sent.message(), sent.bytes());
            }
            case "attest" -> {
                var sent = open(body, Purpose.ATTEST, Attestation.parser(), SMALL_BYTES_MAX);
                yield intake.attest(sent.sender(), id, sent.message());
            }
            case "sample" -> {
                var sent = open(body, Purpose.SAMPLE, Sample.parser(), SMALL_BYTES_MAX);
                yield polls.sample(sent.sender(), id, sent.message());
            }
            case "unmask" -> {
                var sent = open(body, Purpose.UNMASK, Unmasking.parser(), Limits.ROUND_MESSAGE_BYTES_MAX);
                yield intake.unmask(sent.sender(), id, sent.message());
            }
            default -> throw new RequestRefusedException(Kind.NOT_FOUND, "No such address");
        };
    }

    /** Simulated devices carry no headers: their signatures are in the bodies. */
    private static Arrival arrived(byte[] body) {
        return new Arrival("POST", "", name -> Optional.empty(), body);
    }

    private <M extends MessageLite> DeviceGate.Sent<M> open(
            byte[] body, Purpose purpose, Parser<M> parser, int bytesMax) throws RequestRefusedException {
        return gate.open(arrived(body), purpose, parser, bytesMax);
    }

    /** What the HTTP front answers to a GET of a blob. */
    byte[] blob(String sha256) throws IOException {
        return blobs.read(sha256);
    }

    /** The terms of a round as any device reads them. */
    static VerifiedTerms terms(StoredRound round, FleetKeys keys) {
        try {
            return VerifiedTerms.verify(
                    Signed.parseFrom(round.terms()), keys.server().verifyingKey());
        } catch (InvalidProtocolBufferException | RoundRefusedException e) {
            throw new IllegalStateException("the aggregator signed what devices refuse", e);
        }
    }

    /** The adapter that a round starts from. */
    static AdapterWeights candidate(RoundContext context, RoundTerms terms) throws IOException {
        try {
            return Safetensors.read(
                    context.blobs().read(terms.getCandidateSha256()),
                    context.material().kit().layout());
        } catch (FormatRefusedException e) {
            throw new IOException("the candidate is none of this kit: " + e.getMessage(), e);
        }
    }

    /** A device that stayed out. */
    static Tally.Part refused(String reason) {
        Tally.Part absent = Tally.Part.ABSENT;
        return new Tally.Part(
                Optional.of(reason.toLowerCase(Locale.ROOT)),
                absent.gone(),
                false,
                false,
                0,
                absent.loss(),
                absent.ready(),
                0,
                0,
                absent.spent());
    }
}
