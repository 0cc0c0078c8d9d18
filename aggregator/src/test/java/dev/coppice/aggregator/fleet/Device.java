package dev.coppice.aggregator.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.Attested;
import dev.coppice.crypto.masking.Masked;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.Sampling;
import dev.coppice.crypto.masking.Shared;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A device that knows the masking protocol and nothing else: its update is the unit vector of its number. */
public final class Device implements AutoCloseable {
    /** After which step a device falls silent. */
    public enum Stop {
        AFTER_ADVERTISING,
        AFTER_SHARING,
        AFTER_MASKING,
        AFTER_ATTESTING,
        NEVER
    }

    /** Called before each step's message is sent, so that a test may stop the server just then. */
    @FunctionalInterface
    public interface Watcher {
        void before(String step, int number) throws IOException;

        /** What the message of a step was answered with. */
        default void replied(String step, int number, RoundReply reply) {}
    }

    private Wire wire;
    private final int number;
    private final VerifyingKey server;
    private final VerifyingKey authority;
    private final RandomSource random;
    private final SigningKey key;
    private final Signed certificate;
    private final String id;
    private int @Nullable [] encoded;
    private int bits;
    private boolean masksLeftOut;

    /** Enrols. */
    public Device(Wire wire, int number, byte[] token, Operator.Keys keys) throws IOException {
        this.wire = wire;
        this.number = number;
        this.server = keys.server();
        this.authority = keys.enrolment();
        this.random = new SeededBytes(1000 + number)::fill;
        this.key = SigningKey.generate(random);
        byte[] publicKey = key.verifyingKey().bytes();
        ByteString message = ByteString.copyFrom(token).concat(ByteString.copyFrom(publicKey));
        EnrolRequest request = EnrolRequest.newBuilder()
                .setToken(ByteString.copyFrom(token))
                .setSigningKey(ByteString.copyFrom(publicKey))
                .setProof(ByteString.copyFrom(key.sign(Purpose.ENROLMENT_PROOF, message.toByteArray())))
                .build();
        HttpResponse<byte[]> reply = wire.insist("/v1/enrol", request.toByteArray());
        if (reply.statusCode() != 200) {
            throw new IOException("enrolment got " + reply.statusCode());
        }
        this.certificate = EnrolReply.parseFrom(reply.body()).getCertificate();
        this.id = DeviceCertificate.parseFrom(certificate.getPayload()).getDeviceId();
    }

    /** From now on this device finds its aggregator elsewhere. */
    public void moveTo(Wire elsewhere) {
        wire = elsewhere;
    }

    public String id() {
        return id;
    }

    public SigningKey key() {
        return key;
    }

    public Signed certificate() {
        return certificate;
    }

    /** What the device encoded in its last round before masking: what nobody may ever see. */
    public int[] secret() {
        int[] last = encoded;
        if (last == null) {
            throw new IllegalStateException("nothing was encoded");
        }
        return last.clone();
    }

    /** The same in the form of a masked input: {@code bits} bits a value, least significant first. */
    public byte[] packedSecret() {
        int[] values = secret();
        BitSet packed = new BitSet(values.length * bits);
        for (int i = 0; i < values.length * bits; i++) {
            packed.set(i, (values[i / bits] >>> (i % bits) & 1) == 1);
        }
        return Arrays.copyOf(packed.toByteArray(), (values.length * bits + 7) / 8);
    }

    /** From now on this device sends its update in the clear. */
    public void insecureLeaveOutMasks() {
        masksLeftOut = true;
    }

    /** A signed request as it goes over the wire. */
    public byte[] request(Purpose purpose, MessageLite message) {
        DeviceRequest request = SignedMessages.request(id, key, purpose, message);
        return request.toByteArray();
    }

    /** A fresh check-in's body. */
    public byte[] checkIn(long sentEpochMillis) {
        return request(
                Purpose.CHECK_IN,
                CheckIn.newBuilder()
                        .setPopulation(Operator.POPULATION)
                        .setBaseModelSha256(Operator.BASE_MODEL)
                        .setSentEpochMillis(sentEpochMillis)
                        .setNonce(ByteString.copyFrom(random.bytes(16)))
                        .build());
    }

    /** The terms of a round to join, if there is one. */
    public Optional<VerifiedTerms> findRound() throws IOException, RoundRefusedException {
        HttpResponse<byte[]> reply = wire.insist("/v1/checkin", () -> checkIn(System.currentTimeMillis()));
        if (reply.statusCode() != 200) {
            throw new IOException(
                    "check-in got " + reply.statusCode() + " " + new String(reply.body(), StandardCharsets.UTF_8));
        }
        CheckInReply answer = CheckInReply.parseFrom(reply.body());
        return answer.hasAssignment()
                ? Optional.of(VerifiedTerms.verify(answer.getAssignment().getTerms(), server))
                : Optional.empty();
    }

    /** Goes through a round until it is over or {@code stop}; the last thing that the server said. */
    public RoundReply takePart(VerifiedTerms terms, Stop stop, Watcher watcher)
            throws IOException, RoundRefusedException {
        try (Advertised advertised = MaskingClient.advertise(
                terms, new Member(id, key, certificate), Peers.of(authority), Instant.now(), random)) {
            watcher.before("advertise", number);
            RoundReply reply = step(terms, "advertise", Purpose.ADVERTISE, advertised.message(), Poll.Step.ROSTER);
            if (reply.hasClosed()) {
                MessageLite opening = advertised.open(reply.getClosed());
                reply = step(terms, "open", Purpose.OPEN, opening, Poll.Step.ROSTER);
            }
            if (!reply.hasRoster() || stop == Stop.AFTER_ADVERTISING) {
                return reply;
            }
            try (Shared shared = advertised.share(reply.getRoster())) {
                watcher.before("shares", number);
                reply = step(terms, "shares", Purpose.SHARES, shared.message(), Poll.Step.INBOX);
                if (!reply.hasInbox() || stop == Stop.AFTER_SHARING) {
                    return reply;
                }
                return mask(terms, shared, reply, stop, watcher);
            }
        }
    }

    private RoundReply mask(VerifiedTerms terms, Shared shared, RoundReply inbox, Stop stop, Watcher watcher)
            throws IOException, RoundRefusedException {
        EncodingParameters encoding = EncodingParameters.of(terms.terms().getEncoding());
        float[] update = new float[encoding.updateDimension()];
        update[number] = 1;
        int[] values = new UpdateEncoder(encoding).encode(update, random);
        encoded = values.clone();
        bits = encoding.bits();
        try (Masked masked = shared.mask(inbox.getInbox(), values)) {
            watcher.before("masked", number);
            MaskedInput input = masksLeftOut
                    ? masked.message().toBuilder()
                            .setPacked(ByteString.copyFrom(packedSecret()))
                            .build()
                    : masked.message();
            RoundReply reply = send(terms.roundId(), "masked", request(Purpose.MASKED_INPUT, input));
            watcher.replied("masked", number, reply);
            reply = answered(terms, reply, Poll.Step.SURVIVORS);
            if (!reply.hasSurvivors() || stop == Stop.AFTER_MASKING) {
                return reply;
            }
            try (Attested attested = masked.attest(reply.getSurvivors(), server)) {
                watcher.before("attest", number);
                reply = step(terms, "attest", Purpose.ATTEST, attested.message(), Poll.Step.ATTESTATIONS);
                if (!reply.hasAttestations() || stop == Stop.AFTER_ATTESTING) {
                    return reply;
                }
                return unmask(terms, attested, reply.getAttestations(), watcher);
            }
        }
    }

    private RoundReply unmask(VerifiedTerms terms, Attested attested, AttestationRoll roll, Watcher watcher)
            throws IOException, RoundRefusedException {
        try (Sampling sampling = attested.sample(roll)) {
            watcher.before("sample", number);
            byte[] sample = request(Purpose.SAMPLE, sampling.message());
            RoundReply reply = send(terms.roundId(), "sample", sample);
            while (reply.hasWait()) {
                reply = send(terms.roundId(), "sample", sample);
            }
            if (!reply.hasOpenings()) {
                return reply;
            }
            MessageLite unmasking = sampling.unmask(reply.getOpenings()).message();
            watcher.before("unmask", number);
            return step(terms, "unmask", Purpose.UNMASK, unmasking, Poll.Step.ATTESTATIONS);
        }
    }

    /** Sends a step's message, and polls until something other than "wait" comes. */
    private RoundReply step(VerifiedTerms terms, String name, Purpose purpose, MessageLite message, Poll.Step awaits)
            throws IOException {
        return answered(terms, send(terms.roundId(), name, request(purpose, message)), awaits);
    }

    private RoundReply answered(VerifiedTerms terms, RoundReply first, Poll.Step awaits) throws IOException {
        RoundReply reply = first;
        Poll poll =
                Poll.newBuilder().setRoundId(terms.roundId()).setAwaits(awaits).build();
        while (reply.hasReceived() || reply.hasWait()) {
            reply = send(terms.roundId(), "poll", request(Purpose.POLL, poll));
        }
        return reply;
    }

    private RoundReply send(String roundId, String name, byte[] body) throws IOException {
        HttpResponse<byte[]> reply = wire.insist("/v1/rounds/" + roundId + "/" + name, body);
        if (reply.statusCode() != 200) {
            throw new IOException(
                    name + " got " + reply.statusCode() + " " + new String(reply.body(), StandardCharsets.UTF_8));
        }
        return RoundReply.parseFrom(reply.body());
    }

    @Override
    public void close() {
        key.close();
    }
}
