package dev.coppice.crypto.masking;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.RoundTerms;

/** The terms of a round, signed by the server and with every field in range. Immutable. */
public final class VerifiedTerms {
    private final RoundTerms terms;
    private final byte[] hash;

    private VerifiedTerms(RoundTerms terms, byte[] hash) {
        this.terms = terms;
        this.hash = hash;
    }

    /**
     * The terms that {@code server} signed.
     *
     * @throws RoundRefusedException if it did not, or if a field is out of range
     */
    public static VerifiedTerms verify(Signed signed, VerifyingKey server) throws RoundRefusedException {
        throw new UnsupportedOperationException();
    }

    public RoundTerms terms() {
        return terms;
    }

    public String roundId() {
        return terms.getRoundId();
    }

    /** A copy of the SHA-256 of the signed bytes; everything in the round is bound to it. */
    public byte[] hash() {
        return hash.clone();
    }

    /** Values in a masked input: the terms' dimension, rounded up to a power of two. */
    public int paddedDimension() {
        return Math.max(1, Integer.highestOneBit(terms.getEncoding().getDimension() * 2 - 1));
    }

    /** Bits of each value, 8 to 32. */
    public int bits() {
        return terms.getEncoding().getBits();
    }
}
