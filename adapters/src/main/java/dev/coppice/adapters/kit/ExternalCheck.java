package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Place;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.TensorType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether what a graph wants to find beside itself is there: in a listed file, within it, and of the right length. */
final class ExternalCheck {
    private final Map<String, WeightsFile> files = new HashMap<>();

    ExternalCheck(List<WeightsFile> files) {
        files.forEach(file -> this.files.put(file.name(), file));
    }

    /** @throws GraphRefusedException naming the first tensor that is not there, or what a kit's graphs never have */
    void check(ModelProto model) {
        if (model.getFunctionsCount() > 0 || model.getTrainingInfoCount() > 0) {
            throw new GraphRefusedException("functions or training information, where weights could hide");
        }
        check(model.getGraph());
    }

    private void check(GraphProto graph) {
        if (graph.getSparseInitializerCount() > 0) {
            throw new GraphRefusedException("weights are stored sparsely");
        }
        graph.getInitializerList().forEach(this::check);
        for (NodeProto node : graph.getNodeList()) {
            for (AttributeProto attribute : node.getAttributeList()) {
                check(attribute.getT());
                check(attribute.getG());
                attribute.getTensorsList().forEach(this::check);
                attribute.getGraphsList().forEach(this::check);
            }
        }
    }

    private void check(TensorProto tensor) {
        if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
            return;
        }
        Place place = Protos.place(tensor);
        WeightsFile file = files.get(place.file());
        long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        TensorType type = TensorType.of(ElementType.ofCode(tensor.getDataType()), shape);
        if (file == null || place.end() > file.bytes() || place.bytes() != type.bytes()) {
            throw new GraphRefusedException("weight " + tensor.getName() + " does not lie where it should");
        }
    }
}
