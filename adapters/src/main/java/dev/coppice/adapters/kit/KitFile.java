package dev.coppice.adapters.kit;

/** The files of a kit beside its manifest. */
public enum KitFile {
    TRAINING("training_model.onnx"),
    EVAL("eval_model.onnx"),
    OPTIMIZER("optimizer_model.onnx"),
    CHECKPOINT("checkpoint"),
    PLAIN("plain.onnx"),
    /** Values of the trainable parameters: little-endian float32 in the order of the layout. */
    INITIAL("initial.f32");

    /** Holds the spec, the layout and the hashes of all others. */
    static final String MANIFEST = "kit.json";

    private final String fileName;

    KitFile(String fileName) {
        this.fileName = fileName;
    }

    public String fileName() {
        return fileName;
    }
}
