package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is trained: inputs of a graph, sorted by name as in a {@link ParameterLayout}, and what they start from. */
public final class Trainables {
    private final Graph graph;
    private final ElementType real;
    private final SortedMap<String, Value> values = new TreeMap<>();
    private final SortedMap<String, float[]> initial = new TreeMap<>();

    /** @param real element type of the graph's real values: FLOAT, or DOUBLE for numerical checks */
    public Trainables(Graph graph, ElementType real) {
        this.graph = graph;
        this.real = real;
    }

    /** Makes one more trainable. */
    public Value add(String name, float[] start, long... shape) {
        Value value = graph.input(name, TensorType.of(real, shape));
        values.put(name, value);
        initial.put(name, start.clone());
        return value;
    }

    public Optional<Value> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public boolean isDouble() {
        return real == ElementType.DOUBLE;
    }

    /** In the order of the layout. */
    public List<Value> values() {
        return List.copyOf(values.values());
    }

    public AdapterWeights initial() {
        List<TensorSpec> specs = new ArrayList<>();
        values.values().forEach(value -> specs.add(spec(value)));
        ParameterLayout layout = ParameterLayout.of(specs);
        float[] all = new float[layout.count()];
        initial.forEach((name, start) -> System.arraycopy(start, 0, all, layout.offset(name), start.length));
        return AdapterWeights.of(layout, all);
    }

    private static TensorSpec spec(Value value) {
        return new TensorSpec(
                value.name(),
                Arrays.stream(value.shape()).mapToObj(Math::toIntExact).toList());
    }
}
