package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.round.RevealedShare.Secret;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * What a device binds itself to for each neighbour: the two shares that it seals, the key that it seals them with, and the
 * encapsulation that goes with a seed, if it seals one. It signs them, so that a wrong share can be laid at the door of who made it, or of who passed it on.
 */
final class Commitments {
    static final int BYTES = 3 * Sha256.BYTES;
    /** Of the encapsulation, which come last. */
    static final int MASK_BYTES = Sha256.BYTES;

    private Commitments() {}

    /**
     * All of them, one after the other.
     *
     * @param plain what is sealed: the shares of self mask and masking keys first
     * @param maskCiphertext of the mask's encapsulation; of no bytes where there is none
     */
    static byte[] of(RoundContext context, int sender, int recipient, byte[] plain, byte[] key, byte[] maskCiphertext) {
        ByteArrayOutputStream commitments = new ByteArrayOutputStream(BYTES + MASK_BYTES);
        for (Secret secret : new Secret[] {Secret.SELF_MASK, Secret.MASKING_KEY}) {
            byte[] share = SharePair.part(plain, secret);
            commitments.writeBytes(context.shareCommitment(secret, sender, recipient, share));
        }
        commitments.writeBytes(context.keyCommitment(sender, recipient, key));
        if (maskCiphertext.length > 0) {
            commitments.writeBytes(context.maskCommitment(sender, recipient, maskCiphertext));
        }
        return commitments.toByteArray();
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

    /** Whether this is the ciphertext that a sender committed to; true where there is none and should be none. */
    static boolean fitMask(RoundContext context, int sender, int recipient, byte[] ciphertext, byte[] commitments) {
        byte[] committed = Arrays.copyOfRange(commitments, BYTES, commitments.length);
        return ciphertext.length == 0
                ? committed.length == 0
                : Arrays.equals(committed, context.maskCommitment(sender, recipient, ciphertext));
    }
}
