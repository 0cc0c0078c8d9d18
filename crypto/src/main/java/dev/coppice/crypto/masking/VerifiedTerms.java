package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.round.KeyAgreement;
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
        byte[] payload = signedPayload(signed, server);
        RoundTerms terms;
        try {
            terms = Messages.parse(RoundTerms.parser(), payload, Limits.PAYLOAD_BYTES_MAX);
        } catch (MessageMalformedException malformed) {
            throw new RoundRefusedException(Rule.TERMS_OUT_OF_RANGE, "not the message of terms");
        }
        TermsRules.check(terms);
        return new VerifiedTerms(terms, Sha256.hash(payload));
    }

    private static byte[] signedPayload(Signed signed, VerifyingKey server) throws RoundRefusedException {
        try {
            return SignedMessages.verified(signed, server, Purpose.ROUND_TERMS);
        } catch (SignatureRefusedException unsigned) {
            throw new RoundRefusedException(Rule.TERMS_UNSIGNED, "the pinned server key did not sign them");
        }
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

    /** Whether keys are agreed on by X25519 and ML-KEM-768, not by X25519 alone. */
    public boolean hybrid() {
        return terms.getKeyAgreement() == KeyAgreement.X25519_MLKEM768;
    }

    /** Bits of each value, 8 to 32. */
    public int bits() {
        return terms.getEncoding().getBits();
    }
}
