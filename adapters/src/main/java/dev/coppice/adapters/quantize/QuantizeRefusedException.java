package dev.coppice.adapters.quantize;

/** A model whose weights cannot become small; nothing was written that could be mistaken for a model. */
public final class QuantizeRefusedException extends Exception {
    public QuantizeRefusedException(String reason) {
        super(reason);
    }

    public QuantizeRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
