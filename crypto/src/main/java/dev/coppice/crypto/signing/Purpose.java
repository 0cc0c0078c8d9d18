package dev.coppice.crypto.signing;

import java.nio.charset.StandardCharsets;

/**
 * What a signature is for. The signed bytes are {@code "coppice/v1/"}, the name in capitals as below, a zero byte, and
 * the message.
 */
public enum Purpose {
    /** A device shows that it holds the key it enrols. */
    ENROLMENT_PROOF,
    /** An enrolled device asks for a certificate of its next key. */
    RENEWAL,
    /** A device shows that it holds its next key. */
    RENEWAL_PROOF,
    /** The enrolment authority admits a key. */
    DEVICE_CERTIFICATE,
    CHECK_IN,
    ADVERTISE,
    OPEN,
    SHARES,
    MASKED_INPUT,
    ATTEST,
    SAMPLE,
    UNMASK,
    POLL,
    /** The server states what a round is about. */
    ROUND_TERMS,
    /** A device presents its keys of one round to its neighbours. */
    ADVERTISEMENT,
    /** A device opens its nonce for one closed cohort. */
    NONCE_OPENING,
    /** A device vouches for the shares that it sealed, and for its commitments to them. */
    SHARE_BUNDLE,
    /** The server states who is in the sum. */
    SURVIVORS,
    /** A device states whom it was told to be in the sum. */
    ATTESTATION,
    /** The server states what it knows of a device's rounds. */
    DEVICE_SPENT,
    /** The server halts the training of a population, or lets it go on. */
    TRAINING_HALT;

    byte[] signedBytes(byte[] message) {
        byte[] domain = ("coppice/v1/" + name()).getBytes(StandardCharsets.US_ASCII);
        byte[] signed = new byte[domain.length + 1 + message.length];
        System.arraycopy(domain, 0, signed, 0, domain.length);
        System.arraycopy(message, 0, signed, domain.length + 1, message.length);
        return signed;
    }
}
