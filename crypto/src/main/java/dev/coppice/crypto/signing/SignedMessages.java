package dev.coppice.crypto.signing;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Signed;

/** Signs messages into the envelopes that travel, and takes them out again only if the signature holds. */
public final class SignedMessages {
    private SignedMessages() {}

    /** The bytes of {@code message} with a signature for {@code purpose}. */
    public static Signed sign(SigningKey key, Purpose purpose, MessageLite message) {
        byte[] payload = message.toByteArray();
        return Signed.newBuilder()
                .setPayload(ByteString.copyFrom(payload))
                .setSignature(ByteString.copyFrom(key.sign(purpose, payload)))
                .build();
    }

    /**
     * The payload, which {@code key} did sign for {@code purpose}.
     *
     * @throws SignatureRefusedException if it did not
     */
    public static byte[] verified(Signed signed, VerifyingKey key, Purpose purpose) throws SignatureRefusedException {
        return verified(signed.getPayload(), signed.getSignature(), key, purpose);
    }

    /** The request by which {@code deviceId} sends {@code message} to the endpoint of {@code purpose}. */
    public static DeviceRequest request(String deviceId, SigningKey key, Purpose purpose, MessageLite message) {
        byte[] payload = message.toByteArray();
        return DeviceRequest.newBuilder()
                .setDeviceId(deviceId)
                .setPayload(ByteString.copyFrom(payload))
                .setSignature(ByteString.copyFrom(key.sign(purpose, payload)))
                .build();
    }

    /**
     * The payload of a request, which {@code key} did sign for {@code purpose}. That {@code key} is the one enrolled
     * for the request's device id is the caller's to know.
     *
     * @throws SignatureRefusedException if it did not
     */
    public static byte[] verified(DeviceRequest request, VerifyingKey key, Purpose purpose)
            throws SignatureRefusedException {
        return verified(request.getPayload(), request.getSignature(), key, purpose);
    }

    private static byte[] verified(ByteString payload, ByteString signature, VerifyingKey key, Purpose purpose)
            throws SignatureRefusedException {
        byte[] bytes = payload.toByteArray();
        if (!key.verifies(purpose, bytes, signature.toByteArray())) {
            throw new SignatureRefusedException(purpose);
        }
        return bytes;
    }
}
