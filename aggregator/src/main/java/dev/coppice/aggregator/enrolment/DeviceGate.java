package dev.coppice.aggregator.enrolment;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import java.security.InvalidKeyException;

/** Lets in requests of enrolled devices only: what comes out was signed by the sender for this endpoint. */
public final class DeviceGate {
    private static final int ENVELOPE_BYTES_MAX = 1024;

    private final EnrolmentStore store;

    public DeviceGate(EnrolmentStore store) {
        this.store = store;
    }

    /** A message and the device that signed it. */
    public record Sent<M>(Device sender, M message) {}

    /**
     * The request's message.
     *
     * @param body bytes of unknown origin
     * @param payloadBytesMax of the message
     */
    public <M extends MessageLite> Sent<M> open(byte[] body, Purpose purpose, Parser<M> parser, int payloadBytesMax)
            throws RequestRefusedException {
        int bytesMax = payloadBytesMax + ENVELOPE_BYTES_MAX;
        if (body.length > bytesMax) {
            throw new RequestRefusedException(Kind.TOO_LARGE, "At most " + bytesMax + " bytes are taken here");
        }
        try {
            DeviceRequest request = Messages.parse(DeviceRequest.parser(), body, bytesMax);
            Device sender = store.findDevice(request.getDeviceId()).orElseThrow(DeviceGate::unknown);
            byte[] payload = SignedMessages.verified(request, key(sender), purpose);
            return new Sent<>(sender, Messages.parse(parser, payload, payloadBytesMax));
        } catch (MessageMalformedException e) {
            throw new RequestRefusedException(Kind.MALFORMED, "Not the message that is taken here");
        } catch (SignatureRefusedException e) {
            throw unknown();
        }
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
