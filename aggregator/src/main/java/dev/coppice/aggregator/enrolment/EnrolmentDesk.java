package dev.coppice.aggregator.enrolment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.EnrolmentStore.Token;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.enrolment.RenewRequest;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Admits devices: one token, one key, one certificate. Tokens are kept as hashes only. The enrolment key that certifies
 * is not the server's key; here one process holds both, so nothing is claimed against a server that forges devices.
 */
public final class EnrolmentDesk {
    public static final int REQUEST_BYTES_MAX = 1024;

    private static final int TOKEN_BYTES = 32;
    private static final int ID_BYTES = 12;
    private static final Duration SKEW = Duration.ofMinutes(10);
    private static final Duration VALIDITY = Duration.ofDays(90);

    private final EnrolmentStore store;
    private final SigningKey authority;
    private final RandomSource random;
    private final InstantSource clock;

    /**
     * A desk.
     *
     * @param authority the enrolment key; stays the caller's to close
     */
    public EnrolmentDesk(EnrolmentStore store, SigningKey authority, RandomSource random, InstantSource clock) {
        this.store = store;
        this.authority = authority;
        this.random = random;
        this.clock = clock;
    }

    /** New tokens for a population, 64 hexadecimal digits each; they are shown this once. */
    public List<String> tokens(int count, String population) {
        List<String> tokens = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] token = random.bytes(TOKEN_BYTES);
            tokens.add(HexFormat.of().formatHex(token));
            hashes.add(Sha256.hex(token));
        }
        store.addTokens(hashes, population);
        return List.copyOf(tokens);
    }

    /** Spends a token on the key that came with it. The same token and key again give the same certificate. */
    public EnrolReply enrol(byte[] body) throws RequestRefusedException {
        EnrolRequest request = parse(body);
        VerifyingKey key =
                provenKey(request.getSigningKey(), Purpose.ENROLMENT_PROOF, request.getToken(), request.getProof());
        String sha256 = Sha256.hex(request.getToken().toByteArray());
        Token token = store.findToken(sha256).orElseThrow(EnrolmentDesk::noToken);
        if (token.deviceId().isEmpty()) {
            Device device = device("d-" + HexFormat.of().formatHex(random.bytes(ID_BYTES)), key, token.population());
            if (store.redeem(sha256, device)) {
                return reply(device);
            }
        }
        return reply(retried(sha256, key));
    }

    /**
     * Certifies an enrolled device anew, for its next key, which takes the place of its present one. However long the old
     * certificate is over, the device need not be admitted again.
     *
     * @param sender as the request's signature shows
     */
    public EnrolReply renew(Device sender, RenewRequest request) throws RequestRefusedException {
        ByteString about = ByteString.copyFromUtf8(sender.id());
        VerifyingKey key = provenKey(request.getSigningKey(), Purpose.RENEWAL_PROOF, about, request.getProof());
        if (sender.signingKey().equals(request.getSigningKey())) {
            return reply(sender); // whose first reply was lost
        }
        Device renewed = device(sender.id(), key, sender.population());
        if (!store.renew(sender.signingKey(), renewed)) {
            throw new RequestRefusedException(
                    Kind.FORBIDDEN, "This key is another device's, or the device has a newer one");
        }
        return reply(renewed);
    }

    /** The device that this key became with this token before. */
    private Device retried(String sha256, VerifyingKey key) throws RequestRefusedException {
        Token spent = store.findToken(sha256).orElseThrow(EnrolmentDesk::noToken);
        return store.findDevice(spent.deviceId())
                .filter(device -> device.signingKey().equals(ByteString.copyFrom(key.bytes())))
                .orElseThrow(EnrolmentDesk::noToken);
    }

    private Device device(String id, VerifyingKey key, String population) {
        Instant now = clock.instant();
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(id)
                .setSigningKey(ByteString.copyFrom(key.bytes()))
                .setPopulation(population)
                .setNotBeforeEpochSeconds(now.minus(SKEW).getEpochSecond())
                .setNotAfterEpochSeconds(now.plus(VALIDITY).getEpochSecond())
                .build();
        return new Device(id, certificate.getSigningKey(), population, certified(certificate), false);
    }

    /** A key signs for one thread at a time. */
    private ByteString certified(DeviceCertificate certificate) {
        synchronized (authority) {
            return SignedMessages.sign(authority, Purpose.DEVICE_CERTIFICATE, certificate)
                    .toByteString();
        }
    }

    private static EnrolRequest parse(byte[] body) throws RequestRefusedException {
        if (body.length > REQUEST_BYTES_MAX) {
            throw new RequestRefusedException(Kind.TOO_LARGE, "An enrolment has at most 1024 bytes");
        }
        try {
            EnrolRequest request = Messages.parse(EnrolRequest.parser(), body, REQUEST_BYTES_MAX);
            if (request.getToken().size() != TOKEN_BYTES) {
                throw new RequestRefusedException(Kind.MALFORMED, "A token has 32 bytes");
            }
            return request;
        } catch (MessageMalformedException e) {
            throw new RequestRefusedException(Kind.MALFORMED, "Not an enrolment request");
        }
    }

    private static VerifyingKey provenKey(ByteString raw, Purpose purpose, ByteString about, ByteString proof)
            throws RequestRefusedException {
        try {
            VerifyingKey key = VerifyingKey.of(raw.toByteArray());
            if (!key.verifies(purpose, about.concat(raw).toByteArray(), proof.toByteArray())) {
                throw new RequestRefusedException(Kind.UNAUTHENTICATED, "The proof does not fit the key");
            }
            return key;
        } catch (InvalidKeyException e) {
            throw new RequestRefusedException(Kind.MALFORMED, "Not an Ed25519 public key");
        }
    }

    private static RequestRefusedException noToken() {
        return new RequestRefusedException(Kind.FORBIDDEN, "This token admits nobody");
    }

    private static EnrolReply reply(Device device) {
        try {
            return EnrolReply.newBuilder()
                    .setCertificate(Signed.parseFrom(device.certificate()))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("A stored certificate does not parse", e);
        }
    }
}
