package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
import java.time.Instant;

/**
 * A device's side of a round: {@code advertise (→ open) → share → mask → attest → sample → unmask}. Each step gives an object that has the message
 * to send (as often as it takes) and that leads to the next step exactly once; its secrets move on with it. Close
 * whichever step was reached last: closing wipes. Nothing of a step can be stored: a device that restarts is out of the
 * round, and so can never reveal the second share of anybody. For one thread at a time.
 */
public final class MaskingClient {
    private MaskingClient() {}

    /**
     * Step R0: fresh keys for one round.
     *
     * @param peers as the device deals with them
     * @param now by the device's own clock: certificates that are over then are refused
     * @throws RoundRefusedException if the member's own certificate is not one of them
     */
    public static Advertised advertise(
            VerifiedTerms terms, Member member, Peers peers, Instant now, RandomSource random)
            throws RoundRefusedException {
        Credential own = Credential.verify(member.certificate(), peers);
        if (!own.deviceId().equals(member.deviceId())
                || !own.key().equals(member.key().verifyingKey())) {
            throw new RoundRefusedException(Rule.CERTIFICATE, "the device's own is for another device or key");
        }
        DeviceSecrets secrets = DeviceSecrets.fresh(random);
        byte[] nonce = random.bytes(VerifiedMember.NONCE_BYTES);
        Advertisement message = message(terms, member, secrets, nonce);
        DeviceRound round = new DeviceRound(terms, member, own, peers, now, random);
        return new Advertised(round, secrets, nonce, message);
    }

    private static Advertisement message(VerifiedTerms terms, Member member, DeviceSecrets secrets, byte[] nonce) {
        byte[] check = secrets.selfMask().use(seed -> RoundContext.selfMaskCheck(terms.hash(), seed));
        Advertisement.Builder message = secrets.publicKeys(terms).toBuilder()
                .setRoundId(terms.roundId())
                .setCertificate(member.certificate())
                .setNonceSha256(ByteString.copyFrom(Sha256.hash(nonce)))
                .setSelfMaskCheck(ByteString.copyFrom(check));
        byte[] signed = VerifiedMember.signedBytes(terms.hash(), message.build());
        return message.setSignature(ByteString.copyFrom(member.key().sign(Purpose.ADVERTISEMENT, signed)))
                .build();
    }
}
