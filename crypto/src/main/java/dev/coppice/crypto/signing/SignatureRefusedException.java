package dev.coppice.crypto.signing;

/** A signature that the expected key did not make over these bytes for this purpose. */
public final class SignatureRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Purpose purpose;

    SignatureRefusedException(Purpose purpose) {
        super("No valid signature for " + purpose);
        this.purpose = purpose;
    }

    public Purpose purpose() {
        return purpose;
    }
}
