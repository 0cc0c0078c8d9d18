package dev.coppice.aggregator.enrolment;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.limits.Buckets;
import dev.coppice.aggregator.store.EnrolmentStore;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Lets in requests of enrolled devices only: what comes out was signed by the sender for this endpoint, and the sender neither
 * revoked nor asking too often. What is signed as HTTP has it (RFC 9421) comes in once, and while it is fresh; what is signed in
 * the body, as older agents do, may come twice, and nothing that it asks for happens twice.
 */
public final class DeviceGate {
    private static final int ENVELOPE_BYTES_MAX = 1024;
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final int NONCES_MAX = 200_000;

    private final EnrolmentStore store;
    private final Buckets limits;
    private final InstantSource clock;
    private final SeenNonces nonces = new SeenNonces(FRESH.multipliedBy(2), NONCES_MAX);

    /** @param limits of requests by device */
    public DeviceGate(EnrolmentStore store, Buckets limits, InstantSource clock) {
        this.store = store;
        this.limits = limits;
        this.clock = clock;
    }

    /** A message, as it is and as it came, and the device that signed it. */
    public record Sent<M>(Device sender, M message, SentBytes bytes) {}

    /**
     * The request's message.
     *
     * @param payloadBytesMax of the message
     */
    public <M extends MessageLite> Sent<M> open(Arrival arrival, Purpose purpose, Parser<M> parser, int payloadBytesMax)
            throws RequestRefusedException {
        int bytesMax = payloadBytesMax + ENVELOPE_BYTES_MAX;
        if (arrival.body().length > bytesMax) {
            throw new RequestRefusedException(Kind.TOO_LARGE, "At most " + bytesMax + " bytes are taken here");
        }
        try {
            Opened opened = RequestSignature.isClaimed(arrival.headers())
                    ? signed(arrival, purpose)
                    : enveloped(arrival, purpose);
            if (opened.sender().revoked()) {
                throw new RequestRefusedException(Kind.FORBIDDEN, "This device was revoked");
            }
            Optional<Duration> wait = limits.take(opened.sender().id());
            if (wait.isPresent()) {
                throw RequestRefusedException.tooMany(wait.get());
            }
            SentBytes sent = opened.payload();
            return new Sent<>(opened.sender(), Messages.parse(parser, sent.bytes(), payloadBytesMax), sent);
        } catch (MessageMalformedException e) {
            throw new RequestRefusedException(Kind.MALFORMED, "Not the message that is taken here");
        }
    }

    private record Opened(Device sender, SentBytes payload) {}

    private Opened signed(Arrival arrival, Purpose purpose) throws RequestRefusedException {
        RequestSignature signature = RequestSignature.find(arrival.headers())
                .orElseThrow(
                        () -> new RequestRefusedException(
                                Kind.MALFORMED,
                                "A signature covers @method, @path and content-digest, and names created, nonce, keyid, alg and tag"));
        Device sender = sender(signature.deviceId());
        RequestSignature.Request request = arrival.signedRequest();
        if (!signature.verifies(key(sender), request)) {
            throw unknown();
        }
        if (!judgesItself(purpose)) {
            requireFresh(signature.created());
        }
        if (!nonces.add(sender.id(), signature.nonce(), clock.instant())) {
            throw new RequestRefusedException(Kind.CONFLICT, "This request was made before");
        }
        return new Opened(sender, new SentBytes(UnsafeByteOperations.unsafeWrap(arrival.body()), request.bodySha256()));
    }

    /**
     * A check-in is told the time when its own is off, and is entered in the database; a renewal, which a device whose clock is off
     * may need first, does the same thing however often it comes.
     */
    private static boolean judgesItself(Purpose purpose) {
        return purpose == Purpose.CHECK_IN || purpose == Purpose.RENEWAL;
    }

    private void requireFresh(Instant created) throws RequestRefusedException {
        Duration age = Duration.between(created, clock.instant()).abs();
        if (age.compareTo(FRESH) > 0) {
            throw new RequestRefusedException(
                    Kind.UNAUTHENTICATED, "Signed by a clock that is more than five minutes off this one");
        }
    }

    private Opened enveloped(Arrival arrival, Purpose purpose)
            throws RequestRefusedException, MessageMalformedException {
        DeviceRequest request = Messages.parse(DeviceRequest.parser(), arrival.body(), arrival.body().length);
        Device sender = sender(request.getDeviceId());
        try {
            byte[] payload = SignedMessages.verified(request, key(sender), purpose);
            return new Opened(sender, SentBytes.of(UnsafeByteOperations.unsafeWrap(payload)));
        } catch (SignatureRefusedException e) {
            throw unknown();
        }
    }

    private Device sender(String id) throws RequestRefusedException {
        return store.findDevice(id).orElseThrow(DeviceGate::unknown);
    }

    /** One answer for an unknown device and a wrong signature: nobody learns who is enrolled. */
    private static RequestRefusedException unknown() {
        return new RequestRefusedException(Kind.UNAUTHENTICATED, "Not signed by an enrolled device");
    }

    private static VerifyingKey key(Device device) {
        try {
            return VerifyingKey.of(device.signingKey().toByteArray());
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("An enrolled key is checked before it is stored", e);
        }
    }
}
