package dev.coppice.adapters.fusion;

/** Which operators the runtime has that a graph is for. */
public enum Kernels {
    /** Those of every ONNX Runtime. */
    STOCK,
    /** Also those of its training build: gradients in one kernel. */
    TRAINING
}
