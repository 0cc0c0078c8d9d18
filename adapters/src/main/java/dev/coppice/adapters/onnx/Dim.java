package dev.coppice.adapters.onnx;

/**
 * Size of one axis of a graph's input or output.
 *
 * @param symbol name of an axis whose size is known only when the graph runs; empty if the size is fixed
 * @param size the fixed size; 0 if the axis is free
 */
public record Dim(String symbol, long size) {
    public Dim {
        if (symbol.isEmpty() ? size < 1 : size != 0) {
            throw new IllegalArgumentException("an axis has either a name or a positive size");
        }
    }

    public static Dim fixed(long size) {
        return new Dim("", size);
    }

    /** An axis that may have any size, for example {@code batch}; equal names mean equal sizes. */
    public static Dim free(String symbol) {
        return new Dim(symbol, 0);
    }

    public boolean isFree() {
        return !symbol.isEmpty();
    }
}
