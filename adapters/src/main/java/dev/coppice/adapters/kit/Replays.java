package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Value;
import java.util.HashMap;
import java.util.Map;

/**
 * Replays one model into one graph several times: with an adapter, without its dropout, without any. All share the
 * model's weights, and whatever comes out the same is computed once.
 */
final class Replays {
    private final StoredModel model;
    private final Graph graph;
    private final ElementType real;
    private final Map<String, Value> shared = new HashMap<>();

    /** @param inputs what the model's inputs are, by name */
    Replays(StoredModel model, Graph graph, ElementType real, Map<String, Value> inputs) {
        this.model = model;
        this.graph = graph;
        this.real = real;
        shared.putAll(inputs);
    }

    /**
     * One replay.
     *
     * @param replaced values in the place of initializers, by name
     * @return all of the model's values, by name
     */
    Map<String, Value> run(ProductHook hook, Map<String, Value> replaced) {
        Map<String, Value> bound = new HashMap<>(shared);
        bound.putAll(replaced);
        Map<String, Value> values = new Specializer(model, graph, real, hook).run(bound);
        for (TensorProto weight : model.proto().getGraph().getInitializerList()) {
            share(weight.getName(), values, replaced);
        }
        for (NodeProto node : model.proto().getGraph().getNodeList()) {
            if (node.getOpType().equals("Constant")) {
                share(node.getOutput(0), values, replaced);
            }
        }
        return values;
    }

    private void share(String name, Map<String, Value> values, Map<String, Value> replaced) {
        Value value = values.get(name);
        if (value != null && !replaced.containsKey(name)) {
            shared.put(name, value);
        }
    }
}
