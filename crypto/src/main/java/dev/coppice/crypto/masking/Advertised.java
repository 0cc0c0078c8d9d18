package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.sealing.SealingKey;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import java.security.InvalidKeyException;
import java.util.Arrays;

/** A device that has shown its keys of the round and waits for its neighbours'. */
public final class Advertised implements AutoCloseable {
    private final Once once = new Once();
    private final DeviceRound round;
    private final DeviceSecrets secrets;
    private final Advertisement message;
    private boolean passedOn;

    Advertised(DeviceRound round, DeviceSecrets secrets, Advertisement message) {
        this.round = round;
        this.secrets = secrets;
        this.message = message;
    }

    public Advertisement message() {
        return message;
    }

    /**
     * Step R1: checks the neighbours, and seals for each one its shares of this device's secrets.
     *
     * @throws RoundRefusedException if the roster breaks a rule; the secrets are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Shared share(Roster roster) throws RoundRefusedException {
        once.use();
        try {
            Neighbourhood neighbourhood = new RosterRules(round, message, roster).verified();
            Shared shared = new Shared(round, neighbourhood, secrets, sealShares(neighbourhood));
            passedOn = true;
            return shared;
        } finally {
            close();
        }
    }

    private ShareBundle sealShares(Neighbourhood neighbourhood) throws RoundRefusedException {
        int[] points = neighbourhood.points();
        int threshold = neighbourhood.parameters().threshold();
        byte[][] ofSelfMask = split(secrets.selfMask(), threshold, points);
        byte[][] ofMaskingKey = split(secrets.masking(), threshold, points);
        ShareBundle.Builder bundle =
                ShareBundle.newBuilder().setRoundId(round.terms().roundId());
        int i = 0;
        for (var neighbour : neighbourhood.members().entrySet()) {
            byte[] both = SharePair.join(ofSelfMask[i], ofMaskingKey[i]);
            bundle.addShares(sealed(neighbourhood, neighbour.getKey(), neighbour.getValue(), both));
            Arrays.fill(both, (byte) 0);
            i++;
        }
        return bundle.build();
    }

    private byte[][] split(SecretBytes secret, int threshold, int[] points) {
        return secret.use(bytes -> Shamir.split(bytes, threshold, points, round.random()));
    }

    private SealedShare sealed(Neighbourhood neighbourhood, int recipient, VerifiedMember neighbour, byte[] both)
            throws RoundRefusedException {
        RoundContext context = neighbourhood.context();
        int own = neighbourhood.ownIndex();
        byte[] associated = RoundContext.sealingAssociated(own, recipient);
        byte[] sealed;
        try {
            sealed = SealingKey.seal(neighbour.sealingKey(), both, context.sealingInfo(), associated, round.random());
        } catch (InvalidKeyException unusable) {
            throw new RoundRefusedException(Rule.ADVERTISEMENT, "an unusable sealing key");
        }
        byte[] signed = context.signedShare(own, recipient, sealed);
        return SealedShare.newBuilder()
                .setSender(own)
                .setRecipient(recipient)
                .setSealed(ByteString.copyFrom(sealed))
                .setSignature(ByteString.copyFrom(round.member().key().sign(Purpose.SEALED_SHARE, signed)))
                .build();
    }

    /** Wipes the secrets, unless the next step has them. */
    @Override
    public void close() {
        once.close();
        if (!passedOn) {
            secrets.close();
        }
    }
}
