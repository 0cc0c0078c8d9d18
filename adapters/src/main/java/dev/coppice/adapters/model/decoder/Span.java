package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Tensor;

/** Which tokens a run is about: the past ones, whose keys and values are handed in, and the new ones after them. */
final class Span {
    private final ModelBuilder b;
    private final String mask;
    private final String length;
    private final String total;
    private final String past;

    /**
     * @param ids the new tokens, [batch, length]
     * @param mask 1 for real tokens, [batch, past + length]
     */
    Span(ModelBuilder b, String ids, String mask) {
        this.b = b;
        this.mask = mask;
        this.length = columns(ids);
        this.total = columns(mask);
        this.past = b.node("Sub", total, length);
    }

    String mask() {
        return mask;
    }

    /** How many tokens are new, [1]. */
    String length() {
        return length;
    }

    /** How many tokens there are, [1]. */
    String total() {
        return total;
    }

    /** How many tokens are past, [1]. */
    String past() {
        return past;
    }

    /** [batch, past]. */
    String pastMask() {
        return b.node("Slice", mask, b.integers(0), past, b.integers(1));
    }

    /** [batch, length]. */
    String newMask() {
        return b.node("Slice", mask, past, total, b.integers(1));
    }

    /** Whole numbers from one (inclusive) to another (exclusive), both [1]. */
    String range(String from, String to) {
        String one = b.constant(Tensor.scalar(ElementType.INT64, 1));
        return b.node("Range", scalar(from), scalar(to), one);
    }

    private String scalar(String x) {
        return b.node("Squeeze", x, b.integers(0));
    }

    private String columns(String x) {
        return b.node("Gather", Attributes.none().integer("axis", 0), b.node("Shape", x), b.integers(1));
    }
}
