package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Some tensors of an adapter: those that are one of some factors and all that are no factors, such as a head; or the rest.
 *
 * @param whole layout of the adapter
 * @param layout of the part, in the same order
 */
public record AdapterPart(ParameterLayout whole, ParameterLayout layout) {
    public static AdapterPart of(ParameterLayout whole, Set<Factor> factors) {
        return of(
                whole,
                tensor -> Factor.find(tensor.name()).map(factors::contains).orElse(true));
    }

    /** All that this part leaves out; may be nothing. */
    public AdapterPart rest() {
        return of(whole, tensor -> !layout.tensors().contains(tensor));
    }

    public boolean isEmpty() {
        return layout.tensors().isEmpty();
    }

    private static AdapterPart of(ParameterLayout whole, Predicate<TensorSpec> isIn) {
        return new AdapterPart(
                whole, ParameterLayout.of(whole.tensors().stream().filter(isIn).toList()));
    }

    /** The part's values, among all of an adapter's in the order of its layout. */
    public float[] of(float[] values) {
        float[] part = new float[layout.count()];
        for (TensorSpec tensor : layout.tensors()) {
            System.arraycopy(values, whole.offset(tensor.name()), part, layout.offset(tensor.name()), tensor.count());
        }
        return part;
    }

    /** The part of an adapter. */
    public AdapterWeights of(AdapterWeights weights) {
        return AdapterWeights.of(layout, of(weights.toArray()));
    }

    /** An adapter with this part replaced. */
    public AdapterWeights replaced(AdapterWeights weights, float[] part) {
        float[] values = weights.toArray();
        for (TensorSpec tensor : layout.tensors()) {
            System.arraycopy(part, layout.offset(tensor.name()), values, whole.offset(tensor.name()), tensor.count());
        }
        return AdapterWeights.of(whole, values);
    }
}
