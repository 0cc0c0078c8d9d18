package dev.coppice.adapters.merge;

import java.util.Arrays;
import java.util.Optional;

/** One of the two matrices of a LoRA adapter, whose product {@code scale * B A} moves a weight (Hu et al. 2021, eq. 3). */
public enum Factor {
    /** {@code lora_A.weight}, [rank, in]. */
    A(".lora_A.weight"),
    /** {@code lora_B.weight}, [out, rank]. */
    B(".lora_B.weight");

    private final String suffix;

    Factor(String suffix) {
        this.suffix = suffix;
    }

    /** The factor's name for a module. */
    String of(String module) {
        return module + suffix;
    }

    /** Which factor a tensor of this name is; empty if it is none. */
    static Optional<Factor> find(String tensor) {
        return Arrays.stream(values())
                .filter(factor -> tensor.endsWith(factor.suffix))
                .findFirst();
    }

    /** The module of a factor with this name. */
    static String module(String tensor) {
        return find(tensor)
                .map(factor -> tensor.substring(0, tensor.length() - factor.suffix.length()))
                .orElseThrow();
    }
}
