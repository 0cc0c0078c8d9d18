package dev.coppice.agent.checkin;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.DeviceSpent;

/** What an aggregator says that it knows of this device's rounds. An old saying tells of less, and does no harm. */
public final class Advice {
    private Advice() {}

    /**
     * What is said, by the aggregator itself and of this device.
     *
     * @throws StayOutException if it is not, or no account could be so
     */
    public static Total verified(Signed signed, VerifyingKey server, String deviceId) throws StayOutException {
        try {
            DeviceSpent spent = DeviceSpent.parseFrom(SignedMessages.verified(signed, server, Purpose.DEVICE_SPENT));
            int participations = spent.getParticipations();
            boolean isPossible =
                    participations >= 0 && participations <= Limits.PARTICIPATIONS_MAX && spent.getRho() >= 0;
            if (isPossible && spent.getDeviceId().equals(deviceId)) {
                return new Total(participations, spent.getRho());
            }
        } catch (SignatureRefusedException | InvalidProtocolBufferException e) {
            // as bad as one about another device
        }
        throw new StayOutException(
                Reason.TERMS_REFUSED,
                "what the aggregator says of this device's rounds is not signed by it, or of another");
    }
}
