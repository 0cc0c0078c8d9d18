package dev.coppice.adapters.runtime;

/** Which native engine trains. Both give the same adapter to 1e-5. */
public enum EngineKind {
    /** The training session of ONNX Runtime: gradients, AdamW and parameters stay in native memory. The default. */
    ORT_TRAINING,
    /** An inference session with gradients as outputs and AdamW in Java: serves where only the stock runtime exists. */
    PLAIN_SESSION
}
