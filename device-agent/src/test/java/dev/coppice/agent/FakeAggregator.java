package dev.coppice.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.SealedShares;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.enrolment.RenewRequest;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Assignment;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.ClockOff;
import dev.coppice.protocol.round.ComeBack;
import dev.coppice.protocol.round.DeviceSpent;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.Received;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import dev.coppice.protocol.round.Wait;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An aggregator in memory, with the real protocol and one round at a time. A phase ends when as many devices as
 * are expected have answered. Every request may come twice.
 */
final class FakeAggregator implements Transport {
    private CheckIn lastCheckIn = CheckIn.getDefaultInstance();
    private final SigningKey serverKey;
    private final SigningKey enrolmentKey;
    private final InstantSource clock;
    final FakeRepository repository;

    /** Whether it gives enrolled devices new certificates. */
    boolean isRenewing = true;

    /** How far the time that it tells is ahead of its own clock. */
    Duration toldAhead = Duration.ZERO;

    private static final Duration FRESH = Duration.ofMinutes(5);

    private Optional<Signed> halt = Optional.empty();
    private final Map<String, byte[]> blobs = new HashMap<>();
    private final Map<ByteString, String> devices = new HashMap<>();
    private final Map<String, VerifyingKey> keys = new HashMap<>();
    private Optional<Signed> offered = Optional.empty();
    private Optional<Round> round = Optional.empty();
    private Optional<Signed> spent = Optional.empty();

    FakeAggregator(SigningKey serverKey, SigningKey enrolmentKey, InstantSource clock) {
        this.serverKey = serverKey;
        this.enrolmentKey = enrolmentKey;
        this.clock = clock;
        this.repository = new FakeRepository(clock);
    }

    /** A round that waits for so many devices at each of its steps. */
    private static final class Round {
        final VerifiedTerms terms;
        final int advertising;
        final int masking;
        final Map<String, Advertisement> advertised = new TreeMap<>();
        final Map<Integer, NonceOpening> opened = new TreeMap<>();
        final Map<Integer, ShareBundle> shared = new TreeMap<>();
        final Map<Integer, MaskedInput> masked = new TreeMap<>();
        final Map<Integer, Attestation> attested = new TreeMap<>();
        final Map<Integer, Unmasking> unmasked = new TreeMap<>();
        Optional<ClosedCohort> closed = Optional.empty();
        Optional<Cohort> cohort = Optional.empty();
        Optional<Signed> survivors = Optional.empty();
        Optional<Attestations> attestations = Optional.empty();

        Round(VerifiedTerms terms, int advertising, int masking) {
            this.terms = terms;
            this.advertising = advertising;
            this.masking = masking;
        }
    }

    /** From now on says so at each check-in. */
    synchronized void say(Signed order) {
        halt = Optional.of(order);
    }

    /** Devices that check in from now on are asked to come back. */
    synchronized void offerNothing() {
        offered = Optional.empty();
    }

    synchronized void put(byte[] blob) {
        blobs.put(Sha256.hex(blob), blob);
    }

    /** Serves other bytes under a blob's name. */
    synchronized void tamper(String sha256, byte[] content) {
        blobs.put(sha256, content);
    }

    /** Opens a round for so many devices, of whom {@code masking} are waited for at the last two steps. */
    synchronized void open(RoundTerms.Builder terms, int masking) throws Exception {
        Signed signed = SignedMessages.sign(serverKey, Purpose.ROUND_TERMS, terms.build());
        offered = Optional.of(signed);
        round = Optional.of(new Round(
                VerifiedTerms.verify(signed, serverKey.verifyingKey()),
                terms.getCohort().getSizeMin(),
                masking));
    }

    /** From now on says so at each check-in. */
    synchronized void say(SigningKey key, DeviceSpent what) {
        spent = Optional.of(SignedMessages.sign(key, Purpose.DEVICE_SPENT, what));
    }

    /** Offers terms that no honest aggregator would. */
    synchronized void offer(Signed terms) {
        offered = Optional.of(terms);
    }

    /** How many masked inputs came in, each device counted once. */
    synchronized int maskedInputs() {
        return round.orElseThrow().masked.size();
    }

    /** How many devices opened their nonces, and how many were to. */
    synchronized List<Integer> opened() {
        Round now = round.orElseThrow();
        return List.of(now.opened.size(), now.closed.orElseThrow().contributors());
    }

    synchronized int[] sum() throws Exception {
        Round now = round.orElseThrow();
        MaskedSum sum = new MaskedSum(now.terms);
        for (MaskedInput input : now.masked.values()) {
            sum.add(input);
        }
        return MaskingServer.unmask(now.cohort.orElseThrow(), 0, shares(now), survivors(now), sum, now.unmasked)
                .values();
    }

    @Override
    public synchronized Reply exchange(Request request) {
        try {
            String path = request.path();
            if (path.startsWith("/v1/blobs/")) {
                return found(Optional.ofNullable(blobs.get(path.substring(10))));
            }
            if (path.startsWith("/v1/repository/")) {
                return found(repository.find(path.substring(15)));
            }
            if (path.startsWith("/v1/log/")) {
                return found(repository.findInLog(path.substring(8)));
            }
            if (path.equals("/v1/enrol")) {
                return ok(enrol(EnrolRequest.parseFrom(request.body())));
            }
            DeviceRequest signed = DeviceRequest.parseFrom(request.body());
            if (path.equals("/v1/renew")) {
                return renew(signed);
            }
            if (path.equals("/v1/checkin")) {
                SignedMessages.verified(signed, key(signed), Purpose.CHECK_IN);
                return ok(checkIn(CheckIn.parseFrom(signed.getPayload())));
            }
            return ok(step(path.substring(path.lastIndexOf('/') + 1), signed));
        } catch (Exception e) {
            throw new AssertionError("the agent sent something wrong", e);
        }
    }

    private Reply renew(DeviceRequest request) throws Exception {
        RenewRequest renewal = RenewRequest.parseFrom(request.getPayload());
        if (!isRenewing
                || !key(request)
                        .verifies(
                                Purpose.RENEWAL,
                                request.getPayload().toByteArray(),
                                request.getSignature().toByteArray())) {
            return new Reply(401, ByteString.EMPTY);
        }
        return ok(certified(request.getDeviceId(), renewal.getSigningKey()));
    }

    private EnrolReply enrol(EnrolRequest request) throws Exception {
        return certified(
                devices.computeIfAbsent(request.getSigningKey(), key -> "device-" + devices.size()),
                request.getSigningKey());
    }

    private EnrolReply certified(String id, ByteString signingKey) throws Exception {
        keys.put(id, VerifyingKey.of(signingKey.toByteArray()));
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(id)
                .setSigningKey(signingKey)
                .setPopulation("people")
                .setNotBeforeEpochSeconds(clock.instant().getEpochSecond() - 1)
                .setNotAfterEpochSeconds(clock.instant().getEpochSecond() + 90 * 86_400)
                .build();
        return EnrolReply.newBuilder()
                .setCertificate(SignedMessages.sign(enrolmentKey, Purpose.DEVICE_CERTIFICATE, certificate))
                .build();
    }

    /** What a device said of itself when it last asked for work. */
    CheckIn lastCheckIn() {
        return lastCheckIn;
    }

    private CheckInReply checkIn(CheckIn checkIn) {
        lastCheckIn = checkIn;
        CheckInReply.Builder reply = CheckInReply.newBuilder();
        if (Math.abs(checkIn.getSentEpochMillis() - clock.millis()) > FRESH.toMillis()) {
            return reply.setClockOff(ClockOff.newBuilder().setServerEpochMillis(clock.millis() + toldAhead.toMillis()))
                    .build();
        }
        halt.ifPresent(reply::setHalt);
        spent.ifPresent(reply::setSpent);
        return offered.isPresent()
                ? reply.setAssignment(Assignment.newBuilder().setTerms(offered.get()))
                        .build()
                : reply.setComeBack(ComeBack.newBuilder().setAfterMillis(60_000))
                        .build();
    }

    private RoundReply step(String endpoint, DeviceRequest request) throws Exception {
        Round now = round.orElseThrow();
        String device = request.getDeviceId();
        switch (endpoint) {
            case "advertise" -> advertise(now, device, verified(request, Purpose.ADVERTISE));
            case "open" -> {
                ClosedCohort closed = now.closed.orElseThrow();
                int index = closed.findIndex(device).orElseThrow();
                NonceOpening opening = NonceOpening.parseFrom(verified(request, Purpose.OPEN));
                now.opened.putIfAbsent(index, MaskingServer.checked(closed, index, opening));
                drawGraph(now, closed);
            }
            case "shares" -> {
                int index = now.cohort.orElseThrow().indexOf(device);
                ShareBundle bundle = ShareBundle.parseFrom(verified(request, Purpose.SHARES));
                now.shared.putIfAbsent(index, MaskingServer.checked(now.cohort.orElseThrow(), index, bundle));
            }
            case "masked" -> {
                int index = now.cohort.orElseThrow().indexOf(device);
                now.masked.putIfAbsent(index, MaskedInput.parseFrom(verified(request, Purpose.MASKED_INPUT)));
                if (now.masked.size() == now.masking) {
                    Survivors survivors =
                            MaskingServer.survivors(now.cohort.orElseThrow(), set(now.shared), set(now.masked));
                    now.survivors = Optional.of(SignedMessages.sign(serverKey, Purpose.SURVIVORS, survivors));
                }
            }
            case "attest" -> {
                int index = now.cohort.orElseThrow().indexOf(device);
                Attestation attestation = Attestation.parseFrom(verified(request, Purpose.ATTEST));
                Cohort cohort = now.cohort.orElseThrow();
                now.attested.putIfAbsent(
                        index, MaskingServer.checked(cohort, now.survivors.orElseThrow(), index, attestation));
                if (now.attested.size() == now.masking) {
                    now.attestations = Optional.of(MaskingServer.attestations(cohort, now.attested));
                }
            }
            case "sample" -> {
                Sample sample = Sample.parseFrom(verified(request, Purpose.SAMPLE));
                return RoundReply.newBuilder()
                        .setOpenings(now.attestations.orElseThrow().open(sample))
                        .build();
            }
            case "unmask" -> {
                int index = now.cohort.orElseThrow().indexOf(device);
                Unmasking unmasking = Unmasking.parseFrom(verified(request, Purpose.UNMASK));
                now.unmasked.putIfAbsent(
                        index, MaskingServer.checked(now.cohort.orElseThrow(), survivors(now), index, unmasking));
            }
            case "poll" -> {
                return poll(now, device, Poll.parseFrom(verified(request, Purpose.POLL)));
            }
            default -> throw new IllegalArgumentException(endpoint);
        }
        return RoundReply.newBuilder()
                .setReceived(Received.getDefaultInstance())
                .build();
    }

    private void advertise(Round now, String device, byte[] message) throws Exception {
        now.advertised.putIfAbsent(
                device,
                MaskingServer.checked(
                        now.terms, Advertisement.parseFrom(message), enrolmentKey.verifyingKey(), clock.instant()));
        if (now.closed.isEmpty() && now.advertised.size() == now.advertising) {
            ClosedCohort closed = MaskingServer.close(now.terms, new ArrayList<>(now.advertised.values()));
            now.closed = Optional.of(closed);
            drawGraph(now, closed);
        }
    }

    /** Once all have opened their nonces who are asked for them: nobody in a small cohort. */
    private static void drawGraph(Round now, ClosedCohort closed) throws Exception {
        if (now.cohort.isEmpty() && now.opened.size() == closed.contributors()) {
            now.cohort = Optional.of(closed.with(now.opened));
        }
    }

    private RoundReply poll(Round now, String device, Poll poll) {
        RoundReply.Builder reply = RoundReply.newBuilder();
        if (now.cohort.isPresent() && now.cohort.get().findIndex(device).isEmpty()) {
            return reply.setOver(Over.newBuilder().setCode(Over.Code.COHORT_FULL))
                    .build();
        }
        boolean roster = poll.getAwaits() == Poll.Step.ROSTER && now.cohort.isPresent();
        if (poll.getAwaits() == Poll.Step.ROSTER && !roster && now.closed.isPresent()) {
            ClosedCohort closed = now.closed.get();
            int index = closed.findIndex(device).orElseThrow();
            if (closed.contributes(index) && !now.opened.containsKey(index)) {
                return reply.setClosed(closed.closed(index)).build();
            }
        }
        boolean inbox = poll.getAwaits() == Poll.Step.INBOX && now.shared.size() == now.advertising;
        boolean survivors = poll.getAwaits() == Poll.Step.SURVIVORS && now.survivors.isPresent();
        if (roster) {
            Cohort cohort = now.cohort.orElseThrow();
            return reply.setRoster(cohort.roster(cohort.indexOf(device))).build();
        }
        if (inbox) {
            Cohort cohort = now.cohort.orElseThrow();
            return reply.setInbox(shares(now).inbox(cohort.indexOf(device))).build();
        }
        if (survivors) {
            return reply.setSurvivors(now.survivors.orElseThrow()).build();
        }
        if (poll.getAwaits() == Poll.Step.ATTESTATIONS && now.attestations.isPresent()) {
            return reply.setAttestations(now.attestations.get().roll()).build();
        }
        return reply.setWait(Wait.newBuilder().setAfterMillis(1)).build();
    }

    private static SealedShares shares(Round now) {
        return new SealedShares(now.cohort.orElseThrow(), now.shared);
    }

    private static Survivors survivors(Round now) throws Exception {
        return Survivors.parseFrom(now.survivors.orElseThrow().getPayload());
    }

    private byte[] verified(DeviceRequest request, Purpose purpose) throws Exception {
        return SignedMessages.verified(request, key(request), purpose);
    }

    private VerifyingKey key(DeviceRequest request) {
        return Optional.ofNullable(keys.get(request.getDeviceId())).orElseThrow();
    }

    private static BitSet set(Map<Integer, ?> members) {
        BitSet set = new BitSet();
        members.keySet().forEach(set::set);
        return set;
    }

    private static Reply found(Optional<byte[]> content) {
        return new Reply(content.isPresent() ? 200 : 404, ByteString.copyFrom(content.orElse(new byte[0])));
    }

    private static Reply ok(MessageLite message) {
        return new Reply(200, message.toByteString());
    }

    /** What the round is remembered by. */
    synchronized byte[] transcript() {
        Round now = round.orElseThrow();
        return now.cohort
                .orElseThrow()
                .transcriptHash(now.survivors.orElseThrow().getPayload().toByteArray());
    }

    /** H(D) of the round's terms. */
    synchronized byte[] termsHash() {
        return round.orElseThrow().terms.hash();
    }

    /** What came of a step, for tests that read all that the aggregator holds. */
    synchronized List<byte[]> received() {
        List<byte[]> all = new ArrayList<>();
        round.ifPresent(now -> now.masked.values().forEach(input -> all.add(input.toByteArray())));
        return all;
    }
}
