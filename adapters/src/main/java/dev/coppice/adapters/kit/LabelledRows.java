package dev.coppice.adapters.kit;

import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Value;
import java.util.Arrays;
import java.util.List;

/**
 * The positions of a batch that have labels: the output layer, which is a large part of a small model, need not see the
 * others. There is room for a fixed number; what is left over is filled with positions whose label does not count.
 */
final class LabelledRows {
    private static final String LOGITS = "logits";

    private final Ops ops;
    private final Value labels;
    private final Value positions;
    private final long all;

    /**
     * @param nextTokens labels of all positions; ids are above the one that does not count, so the largest are the labels
     * @param most how many of them there is room for
     */
    LabelledRows(Ops ops, Value nextTokens, int most) {
        this.ops = ops;
        this.all = nextTokens.count();
        List<Value> largest = ops.graph()
                .callAll(
                        "",
                        "TopK",
                        Attributes.none().integer("axis", 0),
                        List.of(ops.reshape(nextTokens, all), ops.integers(most)));
        this.labels = largest.get(0);
        this.positions = largest.get(1);
    }

    /** Labels of the chosen positions, one for each, -100 where none is left. */
    Value labels() {
        return labels;
    }

    /** The chosen of all positions: [..., width] becomes [chosen, width], with axes of size 1 in front as x has more. */
    Value of(Value x) {
        if (x.count() / x.size(-1) != all) {
            throw new GraphRefusedException("the output layer does not see each position, but " + x);
        }
        Value chosen = ops.gather(ops.rows(x), positions);
        long[] ones = new long[x.rank() - 2];
        Arrays.fill(ones, 1);
        return ops.reshape(chosen, Shapes.join(ones, chosen.shape()));
    }

    /** Lets the output layer see the chosen positions alone. */
    ProductHook ahead(ProductHook hook, ModulePaths modules, double dropout) {
        return new ProductHook() {
            @Override
            public Value ahead(String weight, Value x) {
                return modules.isHeadOf(LOGITS, weight) ? of(x) : x;
            }

            @Override
            public Value after(Graph graph, String weight, boolean transposed, Value x, Value y) {
                Value adapted = hook.after(graph, weight, transposed, x, y);
                if (dropout > 0 && modules.isHeadOf(LOGITS, weight) && adapted != y) {
                    throw modules.refusal("an adapter of the output layer has no dropout where that sees labelled"
                            + " positions alone");
                }
                return adapted;
            }
        };
    }
}
