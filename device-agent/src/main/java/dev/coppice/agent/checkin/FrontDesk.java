package dev.coppice.agent.checkin;

import com.google.protobuf.ByteString;
import dev.coppice.agent.upload.RequestSigner;
import dev.coppice.agent.upload.Sender;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.enrolment.RenewRequest;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.ExampleCounts;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Enrols the device, and asks the aggregator whether there is work. Use on one thread. */
public final class FrontDesk {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDesk.class);
    private static final int REPLY_BYTES_MAX = 1 << 18;
    private static final int UNAUTHENTICATED = 401;

    private final Traits traits;
    private final InstantSource clock;
    private final RequestSigner signer;

    /**
     * What a device says of itself at each check-in, beside how many examples it holds, by powers of four.
     *
     * @param skill the only one that it trains
     * @param deviceClass as the app names it
     */
    public record Traits(String population, String baseModelSha256, String skill, String deviceClass) {}

    /** @param random drawn from once; how often a device checks in changes nothing else that is random */
    public FrontDesk(Traits traits, InstantSource clock, RandomSource random) {
        this.traits = traits;
        this.clock = clock;
        this.signer = new RequestSigner(clock, random);
    }

    /** What signs the requests of this device. */
    public RequestSigner signer() {
        return signer;
    }

    /**
     * Shows an enrolment token and keeps the certificate that comes back.
     *
     * @param token 32 bytes, good for one device
     * @throws ServerRefusedException if the token is unknown or used
     * @throws SignatureRefusedException if the pinned enrolment authority did not sign the certificate
     */
    public void enrol(Wire wire, Identity identity, byte[] token)
            throws IOException, InterruptedException, ServerRefusedException, SignatureRefusedException {
        ByteString about = ByteString.copyFrom(token);
        EnrolRequest request = EnrolRequest.newBuilder()
                .setToken(about)
                .setSigningKey(publicKey(identity.key()))
                .setProof(proof(identity.key(), Purpose.ENROLMENT_PROOF, about))
                .build();
        EnrolReply reply = wire.post("/v1/enrol", () -> request, EnrolReply.parser(), REPLY_BYTES_MAX);
        identity.keep(reply.getCertificate(), traits.population());
    }

    /**
     * Changes the device's key and has the next one certified. Whether the aggregator took the next key, or only its reply
     * was lost, cannot be known before: who is not known by the present key any more asks by the next one.
     *
     * @throws ServerRefusedException if the aggregator knows neither
     * @throws SignatureRefusedException if the pinned enrolment authority did not sign the certificate
     */
    public void renew(Wire wire, Identity identity)
            throws IOException, InterruptedException, ServerRefusedException, SignatureRefusedException {
        String deviceId = identity.deviceId().orElseThrow(() -> new IOException("the device was never enrolled"));
        try (SigningKey next = identity.nextKey()) {
            RenewRequest request = RenewRequest.newBuilder()
                    .setSigningKey(publicKey(next))
                    .setProof(proof(next, Purpose.RENEWAL_PROOF, ByteString.copyFromUtf8(deviceId)))
                    .build();
            EnrolReply reply;
            try {
                reply = renew(wire, deviceId, identity.key(), request);
            } catch (ServerRefusedException e) {
                if (e.status() != UNAUTHENTICATED) {
                    throw e;
                }
                reply = renew(wire, deviceId, next, request);
            }
            identity.renew(reply.getCertificate(), traits.population());
        }
    }

    /** Shows that we hold a key, and what for. */
    private static ByteString proof(SigningKey key, Purpose purpose, ByteString about) {
        return ByteString.copyFrom(
                key.sign(purpose, about.concat(publicKey(key)).toByteArray()));
    }

    private static ByteString publicKey(SigningKey key) {
        return ByteString.copyFrom(key.verifyingKey().bytes());
    }

    private static EnrolReply renew(Wire wire, String deviceId, SigningKey key, RenewRequest request)
            throws IOException, InterruptedException, ServerRefusedException {
        return wire.postAs(
                new Sender(deviceId, key),
                "/v1/renew",
                Purpose.RENEWAL,
                () -> request,
                EnrolReply.parser(),
                REPLY_BYTES_MAX);
    }

    /**
     * Asks for work. Each attempt has a nonce and a time of its own. Where the aggregator says that its clock differs, asks once
     * more with the time that it named; nothing else is ever judged by that.
     *
     * @param examples that the device could train on
     * @throws StayOutException if that does not help
     */
    public CheckInReply checkIn(Wire wire, Member member, int examples)
            throws IOException, InterruptedException, ServerRefusedException, StayOutException {
        CheckInReply reply = ask(wire, member, examples);
        if (reply.hasClockOff()) {
            Instant theirs = Instant.ofEpochMilli(reply.getClockOff().getServerEpochMillis());
            signer.aggregatorIsAhead(Duration.between(clock.instant(), theirs));
            LOG.warn(
                    "The aggregator's clock says {} and this device's {}: certificates and packs are judged by this device's",
                    theirs,
                    clock.instant());
            reply = ask(wire, member, examples);
        }
        if (reply.hasClockOff()) {
            throw new StayOutException(
                    Reason.CLOCK_OFF,
                    "the aggregator does not take the time that it named itself; ours is " + clock.instant());
        }
        return reply;
    }

    /** By how much the aggregator last said that its clock is ahead of this device's; zero if it never did. */
    public Duration aggregatorAhead() {
        return signer.aggregatorAhead();
    }

    private CheckInReply ask(Wire wire, Member member, int examples)
            throws IOException, InterruptedException, ServerRefusedException {
        Sender sender = new Sender(member.deviceId(), member.key());
        return wire.postAs(
                sender,
                "/v1/checkin",
                Purpose.CHECK_IN,
                () -> request(examples),
                CheckInReply.parser(),
                REPLY_BYTES_MAX);
    }

    private CheckIn request(int examples) {
        return CheckIn.newBuilder()
                .setPopulation(traits.population())
                .setBaseModelSha256(traits.baseModelSha256())
                .setSkill(traits.skill())
                .setDeviceClass(traits.deviceClass())
                .setAgentVersion(OwnVersion.NUMBER)
                .setExamples(ExampleCounts.of(examples))
                .setSentEpochMillis(signer.epochMillis())
                .setNonce(ByteString.copyFrom(signer.nonce()))
                .build();
    }
}
