package dev.coppice.adapters.merge;

import java.util.EnumSet;
import java.util.Set;

/**
 * FedSA-LoRA (Guo et al. 2024, arXiv 2410.01463): both factors are trained; A is averaged, and each device keeps a B of
 * its own, which the server never sees. The merged adapter holds the B that was handed out.
 */
public record SharedA() implements SumRule {
    @Override
    public String name() {
        return "fedsa";
    }

    @Override
    public Set<Factor> trained(int round) {
        return EnumSet.allOf(Factor.class);
    }

    @Override
    public Set<Factor> uploaded(int round) {
        return EnumSet.of(Factor.A);
    }
}
