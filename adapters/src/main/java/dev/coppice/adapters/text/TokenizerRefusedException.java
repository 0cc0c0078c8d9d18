package dev.coppice.adapters.text;

/** A tokenizer.json that cannot be used. */
public final class TokenizerRefusedException extends Exception {
    public TokenizerRefusedException(String reason) {
        super(reason);
    }

    public TokenizerRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
