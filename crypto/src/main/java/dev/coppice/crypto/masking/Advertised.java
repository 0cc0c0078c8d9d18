package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.CohortClosed;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import java.util.Arrays;
import java.util.Optional;

/** A device that has shown its keys of the round and waits for its neighbours'. */
public final class Advertised implements AutoCloseable {
    private final Once once = new Once();
    private final DeviceRound round;
    /** Seen by tests of what who breaks one of two kinds of keys can do. */
    final DeviceSecrets secrets;

    private final Advertisement message;
    /** Seen by tests of what bad devices open. */
    final byte[] nonce;

    private Optional<byte[]> openedFor = Optional.empty();
    private boolean passedOn;

    Advertised(DeviceRound round, DeviceSecrets secrets, byte[] nonce, Advertisement message) {
        this.nonce = nonce;
        this.round = round;
        this.secrets = secrets;
        this.message = message;
    }

    public Advertisement message() {
        return message;
    }

    /**
     * Between R0 and R1, if the server asks for it: opens the nonce for one closed cohort. No other roster is accepted after.
     *
     * @throws RoundRefusedException if this device is not one that contributes to this cohort, or opened for another; the
     *     secrets are wiped and the round is over
     * @throws IllegalStateException once it has shared, or after close
     */
    public NonceOpening open(CohortClosed closed) throws RoundRefusedException {
        once.requireUnused();
        try {
            byte[] root = RosterRules.requireContributor(round, message, closed);
            requireSameRoot(root);
            openedFor = Optional.of(root);
            byte[] signed = Beacon.signedNonce(round.terms().hash(), root, nonce);
            return NonceOpening.newBuilder()
                    .setRoundId(round.terms().roundId())
                    .setNonce(ByteString.copyFrom(nonce))
                    .setSignature(ByteString.copyFrom(round.member().key().sign(Purpose.NONCE_OPENING, signed)))
                    .build();
        } catch (RoundRefusedException refused) {
            close();
            throw refused;
        }
    }

    private void requireSameRoot(byte[] root) throws RoundRefusedException {
        if (openedFor.isPresent() && !Arrays.equals(openedFor.get(), root)) {
            throw new RoundRefusedException(Rule.NOT_THE_COHORT, "not the cohort that the nonce was opened for");
        }
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
            requireSameRoot(roster.getRoot().toByteArray());
            Neighbourhood neighbourhood = new RosterRules(round, message, roster).verified();
            PairSecrets pairs = PairSecrets.agree(round, neighbourhood, secrets, message);
            Shared shared = new Shared(round, neighbourhood, secrets, pairs, sealShares(neighbourhood, pairs));
            passedOn = true;
            return shared;
        } finally {
            close();
        }
    }

    private ShareBundle sealShares(Neighbourhood neighbourhood, PairSecrets pairs) {
        int[] points = neighbourhood.points();
        int threshold = neighbourhood.parameters().threshold();
        byte[][] ofSelfMask = split(secrets.selfMask(), threshold, points);
        byte[][] ofMaskingKey = split(secrets.masking(), threshold, points);
        ShareBundle.Builder bundle =
                ShareBundle.newBuilder().setRoundId(round.terms().roundId());
        ShareSeal seal = new ShareSeal();
        int i = 0;
        for (int neighbour : neighbourhood.members().keySet()) {
            byte[] both = SharePair.join(ofSelfMask[i], ofMaskingKey[i]);
            bundle.addShares(sealed(seal, neighbourhood, neighbour, both, pairs));
            Arrays.fill(both, (byte) 0);
            i++;
        }
        byte[] signed = neighbourhood.context().signedShares(neighbourhood.ownIndex(), bundle.getSharesList());
        return bundle.setSignature(ByteString.copyFrom(round.member().key().sign(Purpose.SHARE_BUNDLE, signed)))
                .build();
    }

    private byte[][] split(SecretBytes secret, int threshold, int[] points) {
        return secret.use(bytes -> Shamir.split(bytes, threshold, points, round.random()));
    }

    private SealedShare sealed(
            ShareSeal seal, Neighbourhood neighbourhood, int recipient, byte[] both, PairSecrets pairs) {
        int own = neighbourhood.ownIndex();
        byte[] plain = both;
        if (ShareForm.of(round.terms(), own, recipient).carriesSeed()) {
            byte[] seed = secrets.masking().use(bytes -> neighbourhood.context().maskSeed(bytes, own, recipient));
            plain = SharePair.join(both, seed);
            Arrays.fill(seed, (byte) 0);
        }
        byte[] key = pairs.keyTo(recipient);
        byte[] maskCiphertext = pairs.maskTo(recipient).ciphertext();
        byte[] commitments = Commitments.of(neighbourhood.context(), own, recipient, plain, key, maskCiphertext);
        byte[] associated = RoundContext.sealAssociated(own, recipient, Sha256.hash(commitments));
        SealedShare sealed = SealedShare.newBuilder()
                .setRecipient(recipient)
                .setSealed(ByteString.copyFrom(seal.seal(key, plain, associated)))
                .setCommitments(ByteString.copyFrom(commitments))
                .setSealCiphertext(ByteString.copyFrom(pairs.sealTo(recipient).ciphertext()))
                .setMaskCiphertext(ByteString.copyFrom(maskCiphertext))
                .build();
        Arrays.fill(plain, (byte) 0);
        Arrays.fill(key, (byte) 0);
        return sealed;
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
