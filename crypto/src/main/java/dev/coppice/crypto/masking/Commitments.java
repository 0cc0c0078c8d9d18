package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.round.RevealedShare.Secret;
import java.util.Arrays;

/**
 * What a device binds itself to for each neighbour: the two shares that it seals, and the key that it seals them with. It
 * signs them, so that a wrong share can be laid at the door of who made it, or of who passed it on.
 */
final class Commitments {
    static final int BYTES = 3 * Sha256.BYTES;

    private Commitments() {}

    /** @param both the shares of self mask and masking key, one after the other, of whatever length */
    static byte[] of(RoundContext context, int sender, int recipient, byte[] both, byte[] key) {
        byte[] commitments = new byte[BYTES];
        int at = 0;
        for (byte[] part : new byte[][] {
            context.shareCommitment(Secret.SELF_MASK, sender, recipient, SharePair.part(both, Secret.SELF_MASK)),
            context.shareCommitment(Secret.MASKING_KEY, sender, recipient, SharePair.part(both, Secret.MASKING_KEY)),
            context.keyCommitment(sender, recipient, key)
        }) {
            System.arraycopy(part, 0, commitments, at, Sha256.BYTES);
            at += Sha256.BYTES;
        }
        return commitments;
    }

    /** Whether a revealed share is the one that its owner committed to. */
    static boolean fit(RoundContext context, int owner, int holder, Secret secret, byte[] share, byte[] commitments) {
        int from = secret == Secret.SELF_MASK ? 0 : Sha256.BYTES;
        byte[] committed = Arrays.copyOfRange(commitments, from, from + Sha256.BYTES);
        return Arrays.equals(committed, context.shareCommitment(secret, owner, holder, share));
    }

    /** Whether this is the key that a sender committed to. */
    static boolean fitKey(RoundContext context, int sender, int recipient, byte[] key, byte[] commitments) {
        byte[] committed = Arrays.copyOfRange(commitments, 2 * Sha256.BYTES, BYTES);
        return Arrays.equals(committed, context.keyCommitment(sender, recipient, key));
    }
}
