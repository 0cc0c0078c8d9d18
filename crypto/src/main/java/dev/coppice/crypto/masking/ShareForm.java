package dev.coppice.crypto.masking;

import java.util.Arrays;

/**
 * The parts of what one device seals to another, and how long they are. In hybrid rounds a ciphertext carries a part of the
 * seal's key, and what the lower index of a pair seals ends with the seed of their mask's encapsulation.
 *
 * @param carriesSeed whether the sender decides on the mask of the pair
 */
record ShareForm(boolean hybrid, boolean carriesSeed) {
    static ShareForm of(VerifiedTerms terms, int sender, int recipient) {
        return new ShareForm(terms.hybrid(), terms.hybrid() && sender < recipient);
    }

    int plainBytes() {
        return SharePair.BYTES + (carriesSeed ? Encapsulation.SEED_BYTES : 0);
    }

    int sealedBytes() {
        return plainBytes() + ShareSeal.TAG_BYTES;
    }

    int commitmentsBytes() {
        return Commitments.BYTES + (carriesSeed ? Commitments.MASK_BYTES : 0);
    }

    int sealCiphertextBytes() {
        return hybrid ? Encapsulation.CIPHERTEXT_BYTES : 0;
    }

    int maskCiphertextBytes() {
        return carriesSeed ? Encapsulation.CIPHERTEXT_BYTES : 0;
    }

    /** Whether opened bytes are two shares and what else belongs there. */
    boolean isWhole(byte[] plain) {
        return plain.length == plainBytes() && SharePair.isPair(shares(plain));
    }

    static byte[] shares(byte[] plain) {
        return Arrays.copyOf(plain, SharePair.BYTES);
    }

    /** The seed, of no bytes if there is none. The caller wipes it. */
    static byte[] seed(byte[] plain) {
        return Arrays.copyOfRange(plain, SharePair.BYTES, plain.length);
    }
}
