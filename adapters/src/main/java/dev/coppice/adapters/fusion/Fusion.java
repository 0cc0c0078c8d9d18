package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.List;

/** Writes graphs with the operators that a runtime is fastest with. */
public final class Fusion {
    private Fusion() {}

    /**
     * A graph that computes the same outputs, under the same names and from the same inputs. Only float32 is touched:
     * graphs in float64 are for checks, and few kernels know them.
     *
     * @param kernels what the runtime has
     */
    public static Graph of(Graph graph, List<Value> outputs, Kernels kernels) {
        List<Pattern> passes = new ArrayList<>();
        if (kernels == Kernels.TRAINING) {
            passes.add(new Gates());
            passes.add(new SoftmaxGradients());
        }
        passes.addAll(List.of(new Rows(), new Rotations(), new Turns(), new Columns(), new Sums(), new Floors()));
        Graph fused = graph;
        for (Pattern pass : passes) {
            fused = Rewriting.run(fused, outputs, pass);
        }
        return Names.of(fused, outputs);
    }
}
