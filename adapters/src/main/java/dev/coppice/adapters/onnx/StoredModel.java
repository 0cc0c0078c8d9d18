package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Map;
import java.util.Optional;

/**
 * A model and the values of its weights, wherever they are: inside, or in mapped files beside it, which must not change
 * while this is in use. A model may so be larger than the heap, and than 2 GB. Immutable.
 */
public final class StoredModel {
    private final ModelProto proto;
    private final Map<String, Tensor> beside;

    /** @param beside values of the initializers that lie in other files, by name */
    StoredModel(ModelProto proto, Map<String, Tensor> beside) {
        this.proto = proto;
        this.beside = Map.copyOf(beside);
    }

    /** A model whose weights are all inside. */
    public static StoredModel of(ModelProto proto) {
        return new StoredModel(proto, Map.of());
    }

    /** The graph, with those weights that lie inside. */
    public ModelProto proto() {
        return proto;
    }

    /** The same weights under another graph; those that it has inside go first. */
    public StoredModel with(ModelProto changed) {
        return new StoredModel(changed, beside);
    }

    /**
     * The values of one of the graph's initializers.
     *
     * @throws GraphRefusedException if they are not of the type and shape that it says
     */
    public Tensor tensor(TensorProto initializer) {
        return isBeside(initializer)
                ? Optional.ofNullable(beside.get(initializer.getName()))
                        .orElseThrow(() -> new GraphRefusedException(
                                "tensor " + initializer.getName() + " lies in a file that was not given"))
                : ModelReader.tensor(initializer);
    }

    static boolean isBeside(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }
}
