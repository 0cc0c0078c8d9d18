package dev.coppice.simulator.fleet;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How updates come together. */
public enum Privacy {
    /** Secure aggregation with its real cryptography, over a virtual network. */
    SECAGG_DDG("secagg+ddg"),
    /**
     * Updates are clipped, rounded and noised as for secure aggregation, and summed in the clear: what the masks would have
     * left. <b>Not secure</b>; the learning result is the same to the bit, and the cost is not.
     */
    TRUST_SUM("trust-sum"),
    /** Plain updates, not clipped, rounded or noised. <b>Not private.</b> */
    OFF("off");

    private final String name;

    Privacy(String name) {
        this.name = name;
    }

    /** As scenarios and all output call it. */
    public String label() {
        return name;
    }

    /**
     * The one that is called so.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Privacy named(String name) {
        return Arrays.stream(values())
                .filter(one -> one.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("privacy is one of "
                        + Arrays.stream(values()).map(Privacy::label).collect(Collectors.joining(", "))));
    }
}
