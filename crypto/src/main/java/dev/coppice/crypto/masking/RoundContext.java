package dev.coppice.crypto.masking;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Hkdf;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Every key, check value and signed byte string of one cohort. All of them depend on the hash of the terms, and those
 * that name a device by its index on the hash of the cohort and its graph too: what was made in one round, or for one view of it, is
 * of no use in another.
 */
final class RoundContext {
    private final byte[] termsHash;
    private final byte[] cohortHash;

    /** @param cohortHash see {@link Beacon#cohortHash} */
    RoundContext(byte[] termsHash, byte[] cohortHash) {
        this.termsHash = termsHash;
        this.cohortHash = cohortHash;
    }

    /** The seed of the permutation that places devices on the ring. */
    byte[] graphSeed() {
        return Hkdf.derive(termsHash, cohortHash, MaskStream.KEY_BYTES, label("graph"));
    }

    /**
     * The key of the mask that two neighbours share; the same from either side. The caller wipes it.
     *
     * @param agreed what the two agreed on by their masking keys
     * @param encapsulated by the lower of the two to the other's masking key
     */
    byte[] pairMaskKey(byte[] agreed, Encapsulation encapsulated, int own, int other) {
        byte[] pair = twoInts(Math.min(own, other), Math.max(own, other));
        return derived(agreed, encapsulated, MaskStream.KEY_BYTES, "pair mask", pair);
    }

    /**
     * What decides on the encapsulation of the lower of two neighbours to the other's masking key. The caller wipes it.
     *
     * @param maskingSeed of the lower
     */
    byte[] maskSeed(byte[] maskingSeed, int lower, int higher) {
        byte[] pair = twoInts(lower, higher);
        return Hkdf.derive(
                termsHash, maskingSeed, Encapsulation.SEED_BYTES, label("mask encapsulation"), cohortHash, pair);
    }

    /** The hybrid of both secrets: unknown while either is, and of this ciphertext. */
    private byte[] derived(byte[] agreed, Encapsulation encapsulated, int count, String name, byte[] indices) {
        byte[] both = encapsulated.after(agreed);
        byte[] key =
                Hkdf.derive(termsHash, both, count, label(name), cohortHash, indices, encapsulated.ciphertextHash());
        Arrays.fill(both, (byte) 0);
        return key;
    }

    /** The key of a device's own mask. The caller wipes it. */
    byte[] selfMaskKey(byte[] seed, int index) {
        return Hkdf.derive(
                termsHash, seed, MaskStream.KEY_BYTES, label("self mask"), cohortHash, twoInts(index, index));
    }

    /**
     * The key that seals one share, in one direction.
     *
     * @param agreed what the two agreed on by their sealing keys
     * @param encapsulated by the sender to the recipient's sealing key
     */
    byte[] sealKey(byte[] agreed, Encapsulation encapsulated, int sender, int recipient) {
        return derived(agreed, encapsulated, ShareSeal.KEY_BYTES, "share", twoInts(sender, recipient));
    }

    /** What a sealed share is bound to besides its key. */
    static byte[] sealAssociated(int sender, int recipient, byte[] commitmentsHash) {
        return concat(twoInts(sender, recipient), commitmentsHash);
    }

    /** What the sender of sealed shares signs; each part's length follows from the terms and the two indices. */
    byte[] signedShares(int sender, List<SealedShare> shares) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(concat(termsHash, cohortHash, twoInts(sender, shares.size())));
        for (SealedShare share : shares) {
            signed.writeBytes(twoInts(sender, share.getRecipient()));
            signed.writeBytes(share.getSealed().toByteArray());
            signed.writeBytes(share.getCommitments().toByteArray());
            signed.writeBytes(share.getSealCiphertext().toByteArray());
            signed.writeBytes(share.getMaskCiphertext().toByteArray());
        }
        return signed.toByteArray();
    }

    /** A commitment to one share of a secret: at least 2^256 values are possible, so that a plain hash hides it. */
    byte[] shareCommitment(Secret secret, int owner, int holder, byte[] share) {
        byte[] kind = {(byte) secret.getNumber()};
        return Sha256.hash(label("share commitment"), termsHash, cohortHash, twoInts(owner, holder), kind, share);
    }

    /** A commitment to the key that seals a share. */
    byte[] keyCommitment(int sender, int recipient, byte[] key) {
        return Sha256.hash(label("seal key commitment"), termsHash, cohortHash, twoInts(sender, recipient), key);
    }

    /** A commitment to an encapsulation that a seed gives, by its ciphertext. */
    byte[] maskCommitment(int sender, int recipient, byte[] ciphertext) {
        return Sha256.hash(label("mask commitment"), termsHash, cohortHash, twoInts(sender, recipient), ciphertext);
    }

    /** What a device signs to attest whom it was told to be in the sum. */
    byte[] attested(int index, byte[] survivorsHash) {
        return concat(termsHash, cohortHash, twoInts(index, index), survivorsHash);
    }

    /** A commitment to a self mask's seed, which has 32 random bytes and is therefore hidden by a plain hash. */
    static byte[] selfMaskCheck(byte[] termsHash, byte[] seed) {
        return Sha256.hash(label("self mask check"), termsHash, seed);
    }

    static byte[] label(String name) {
        return ("coppice/v1/" + name + "\0").getBytes(US_ASCII);
    }

    private static byte[] twoInts(int first, int second) {
        return ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(first)
                .putInt(second)
                .array();
    }

    private static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
