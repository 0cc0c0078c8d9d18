package dev.coppice.adapters.merge;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a merge gave. Immutable. */
public final class MergeOutcome {
    private final LoraAdapter adapter;
    private final @Nullable LoraAdapter remainder;
    private final @Nullable AggregationError error;

    MergeOutcome(LoraAdapter adapter, @Nullable LoraAdapter remainder, @Nullable AggregationError error) {
        this.adapter = adapter;
        this.remainder = remainder;
        this.error = error;
    }

    /** What the next round starts from. Devices need both of its factors, whichever they train. */
    public LoraAdapter adapter() {
        return adapter;
    }

    /**
     * What does not fit into the adapter's rank: factors of higher rank and scale 1, without a head, that belong into the
     * base model ({@link LoraAdapter#denseChange}) or beside it from now on.
     */
    public Optional<LoraAdapter> findRemainder() {
        return Optional.ofNullable(remainder);
    }

    /** Distance from the mean of the products; empty where the server does not know each device's factors. */
    public Optional<AggregationError> findError() {
        return Optional.ofNullable(error);
    }
}
