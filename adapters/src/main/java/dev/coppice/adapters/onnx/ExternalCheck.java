package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Map;

/**
 * Whether what a graph wants to find beside itself is there: in a known file, within it, and of the right length.
 * Wherever in a model a tensor may hide, it is looked at: native code may look there too.
 */
public final class ExternalCheck {
    private final Map<String, Long> files;

    /**
     * A check against these files.
     *
     * @param files sizes in bytes of the files that may hold weights, by the names that the graph has for them
     */
    public ExternalCheck(Map<String, Long> files) {
        this.files = Map.copyOf(files);
    }

    /**
     * Looks at every tensor of a model.
     *
     * @throws GraphRefusedException naming the first that is not there, or a place where none may be
     */
    public void check(ModelProto model) {
        if (model.getTrainingInfoCount() > 0) {
            throw new GraphRefusedException("the model has training information, where weights could hide");
        }
        for (FunctionProto function : model.getFunctionsList()) {
            check(function.getNodeList());
            function.getAttributeProtoList().forEach(this::check);
        }
        check(model.getGraph());
    }

    private void check(GraphProto graph) {
        if (graph.getSparseInitializerCount() > 0) {
            throw new GraphRefusedException("weights are stored sparsely");
        }
        graph.getInitializerList().forEach(this::check);
        check(graph.getNodeList());
    }

    private void check(List<NodeProto> nodes) {
        nodes.forEach(node -> node.getAttributeList().forEach(this::check));
    }

    private void check(AttributeProto attribute) {
        if (attribute.hasSparseTensor() || attribute.getSparseTensorsCount() > 0) {
            throw new GraphRefusedException("values are stored sparsely");
        }
        check(attribute.getT());
        check(attribute.getG());
        attribute.getTensorsList().forEach(this::check);
        attribute.getGraphsList().forEach(this::check);
    }

    private void check(TensorProto tensor) {
        if (!StoredModel.isBeside(tensor)) {
            return;
        }
        Place place = Protos.place(tensor);
        long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        TensorType type = TensorType.of(ElementType.ofCode(tensor.getDataType()), shape);
        if (place.end() > files.getOrDefault(place.file(), -1L) || place.bytes() != type.bytes()) {
            throw new GraphRefusedException("weight " + tensor.getName() + " does not lie where it should");
        }
    }
}
