package dev.coppice.adapters.onnx;

import java.util.Optional;

/** Decides which of a model's constants lie beside its file. */
@FunctionalInterface
public interface Placement {
    /** Everything inside. */
    Placement INSIDE = (name, tensor) -> Optional.empty();

    /** Where the values of an initializer lie; empty if the model holds them itself. */
    Optional<Place> place(String name, Tensor tensor);
}
