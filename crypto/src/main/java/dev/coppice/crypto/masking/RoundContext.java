package dev.coppice.crypto.masking;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.Hkdf;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
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

    /** The key of the mask that two neighbours share; the same from either side. The caller wipes it. */
    byte[] pairMaskKey(byte[] ownSecret, int own, byte[] otherPublic, int other) throws InvalidKeyException {
        byte[] agreed = Agreement.agree(ownSecret, otherPublic);
        byte[] pair = twoInts(Math.min(own, other), Math.max(own, other));
        byte[] key = Hkdf.derive(termsHash, agreed, MaskStream.KEY_BYTES, label("pair mask"), cohortHash, pair);
        Arrays.fill(agreed, (byte) 0);
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
     */
    byte[] sealKey(byte[] agreed, int sender, int recipient) {
        return Hkdf.derive(
                termsHash, agreed, ShareSeal.KEY_BYTES, label("share"), cohortHash, twoInts(sender, recipient));
    }

    /** What a sealed share is bound to besides its key. */
    static byte[] sealAssociated(int sender, int recipient, byte[] commitmentsHash) {
        return concat(twoInts(sender, recipient), commitmentsHash);
    }

    /** What the sender of sealed shares signs; each share has the same length. */
    byte[] signedShares(int sender, List<SealedShare> shares) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(concat(termsHash, cohortHash, twoInts(sender, shares.size())));
        for (SealedShare share : shares) {
            signed.writeBytes(twoInts(sender, share.getRecipient()));
            signed.writeBytes(share.getSealed().toByteArray());
            signed.writeBytes(share.getCommitments().toByteArray());
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

    /** What a device signs to attest whom it was told to be in the sum. */
    byte[] attested(int index, byte[] survivorsHash) {
        return concat(termsHash, cohortHash, twoInts(index, index), survivorsHash);
    }

    /** A commitment to a self mask's seed, which has 32 random bytes and is therefore hidden by a plain hash. */
    static byte[] selfMaskCheck(byte[] termsHash, byte[] seed) {
        return Sha256.hash(label("self mask check"), termsHash, seed);
    }

    private static byte[] label(String name) {
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
