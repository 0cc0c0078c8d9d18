package dev.coppice.adapters.onnx;

import java.util.List;

/**
 * How an operator of a model is written in terms of those that graphs know, can be differentiated and (where the graph
 * computes in float64) have a kernel.
 */
@FunctionalInterface
interface Lowering {
    /**
     * Writes the operator's work into the graph.
     *
     * @return the operator's outputs; {@link Value#ABSENT} for one that cannot be had
     * @throws GraphRefusedException if this use of the operator is not supported
     */
    List<Value> lower(Site site);
}
