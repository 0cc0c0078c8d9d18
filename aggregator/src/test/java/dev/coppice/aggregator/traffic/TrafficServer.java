package dev.coppice.aggregator.traffic;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.Arrival;
import dev.coppice.aggregator.enrolment.DeviceGate;
import dev.coppice.aggregator.enrolment.EnrolmentDesk;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.limits.Buckets;
import dev.coppice.aggregator.round.CheckInDesk;
import dev.coppice.aggregator.round.HaltDesk;
import dev.coppice.aggregator.round.Intake;
import dev.coppice.aggregator.round.Keeper;
import dev.coppice.aggregator.round.Pace;
import dev.coppice.aggregator.round.Polls;
import dev.coppice.aggregator.round.RoundFacts;
import dev.coppice.aggregator.round.RoundWatch;
import dev.coppice.aggregator.round.Signals;
import dev.coppice.aggregator.round.StoredInputs;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.aggregator.traffic.Recording.Exchange;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An aggregator's desks behind its gate, at any time that is wanted: a request's bytes go in, a status and a reply come out. */
final class TrafficServer implements AutoCloseable {
    private static final PeriodBudget NO_LIMIT =
            new PeriodBudget(Double.POSITIVE_INFINITY, 1e-8, Long.MAX_VALUE, Duration.ofDays(90));

    final MemoryStore store = new MemoryStore();
    final BlobFolder blobs;
    final SigningKey authority;
    final SigningKey server;
    final Keeper keeper;
    final EnrolmentDesk enrolment;
    private final DeviceGate gate;
    private final CheckInDesk checkIns;
    private final Intake intake;
    private final Polls polls;
    private final InstantSource clock;

    TrafficServer(byte[] serverSeed, byte[] authoritySeed, Path folder, InstantSource clock) throws Exception {
        this.server = SigningKey.of(serverSeed);
        this.authority = SigningKey.of(authoritySeed);
        this.blobs = new BlobFolder(folder);
        this.clock = clock;
        SeededBytes random = new SeededBytes(11);
        RoundFacts facts = new RoundFacts(store, server.verifyingKey());
        StoredInputs inputs = new StoredInputs(store, facts);
        Signals signals = new Signals();
        keeper = new Keeper(
                new Keeper.Tools(
                        store,
                        blobs,
                        facts,
                        inputs,
                        signals,
                        server,
                        new ServerNoise(SecretBytes.of(new byte[32])),
                        (task, round) -> {},
                        figures -> {},
                        RoundWatch.of(List.of()),
                        "keeper"),
                clock,
                Runnable::run);
        enrolment = new EnrolmentDesk(store, authority, random::fill, clock);
        gate = new DeviceGate(store, new Buckets(0, 0), clock);
        checkIns = new CheckInDesk(
                store,
                facts,
                keeper,
                new DeviceAccounts(store, NO_LIMIT, server),
                new HaltDesk(store, server),
                new Pace.Bounds(Duration.ofMinutes(1), Duration.ofHours(1), 100),
                random::fill,
                clock);
        intake = new Intake(store, facts, inputs, keeper, authority.verifyingKey(), clock);
        polls = new Polls(store, facts, signals, clock, Duration.ZERO);
    }

    /** What a request is answered with, as one exchange. */
    synchronized Exchange exchange(String path, Map<String, String> headers, byte[] body) throws Exception {
        long now = clock.millis();
        try {
            Arrival arrival = new Arrival("POST", path, name -> Optional.ofNullable(headers.get(name)), body);
            String reply = Recording.text(answer(path, arrival, body).toByteArray());
            return new Exchange(now, path, headers, Recording.text(body), 200, reply);
        } catch (RequestRefusedException e) {
            String reply = Recording.text(e.kind().name().getBytes(StandardCharsets.US_ASCII));
            return new Exchange(now, path, headers, Recording.text(body), 400, reply);
        }
    }

    @FunctionalInterface
    private interface Desk<M> {
        MessageLite take(Device sender, M message) throws RequestRefusedException, InterruptedException;
    }

    private MessageLite answer(String path, Arrival arrival, byte[] body)
            throws RequestRefusedException, InterruptedException {
        String[] parts = path.split("/", -1);
        String round = parts.length > 3 ? parts[3] : "";
        return switch (parts[parts.length - 1]) {
            case "enrol" -> enrolment.enrol(body);
            case "checkin" -> at(arrival, Purpose.CHECK_IN, CheckIn.parser(), checkIns::checkIn);
            case "advertise" ->
                at(arrival, Purpose.ADVERTISE, Advertisement.parser(), (who, m) -> intake.advertise(who, round, m));
            case "open" -> at(arrival, Purpose.OPEN, NonceOpening.parser(), (who, m) -> intake.open(who, round, m));
            case "shares" -> at(arrival, Purpose.SHARES, ShareBundle.parser(), (who, m) -> intake.share(who, round, m));
            case "masked" ->
                at(
                        arrival,
                        Purpose.MASKED_INPUT,
                        MaskedInput.parser(),
                        (who, m) -> intake.mask(who, round, m, SentBytes.of(m.toByteString())));
            case "attest" ->
                at(arrival, Purpose.ATTEST, Attestation.parser(), (who, m) -> intake.attest(who, round, m));
            case "sample" -> at(arrival, Purpose.SAMPLE, Sample.parser(), (who, m) -> polls.sample(who, round, m));
            case "unmask" -> at(arrival, Purpose.UNMASK, Unmasking.parser(), (who, m) -> intake.unmask(who, round, m));
            case "poll" -> at(arrival, Purpose.POLL, Poll.parser(), (who, m) -> polls.poll(who, round, m));
            default -> throw new IllegalArgumentException(path);
        };
    }

    private <M extends MessageLite> MessageLite at(Arrival arrival, Purpose purpose, Parser<M> parser, Desk<M> desk)
            throws RequestRefusedException, InterruptedException {
        DeviceGate.Sent<M> sent = gate.open(arrival, purpose, parser, Limits.MASKED_INPUT_BYTES_MAX);
        return desk.take(sent.sender(), sent.message());
    }

    @Override
    public void close() {
        server.close();
        authority.close();
    }
}
