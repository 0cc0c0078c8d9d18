package dev.coppice.adapters.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;

/** What must be true of a base model's graph: its inputs and outputs, and sizes that the configuration names. */
final class ModelGraph {
    private ModelGraph() {}

    static void check(byte[] onnx, ModelConfig config) throws ModelRefusedException {
        GraphProto graph = parse(onnx).getGraph();
        value(graph.getInputList(), "input_ids");
        value(graph.getInputList(), "attention_mask");
        require(lastAxis(graph, "logits"), config.vocabularySize(), "logits");
        if (config.tasks().contains(ModelConfig.TEXT_CLASSIFICATION)) {
            require(lastAxis(graph, "pooled"), config.hiddenSize(), "pooled");
        }
        if (config.hasHead()) {
            require(lastAxis(graph, "label_logits"), config.labels().size(), "label_logits");
        }
    }

    private static ModelProto parse(byte[] onnx) throws ModelRefusedException {
        try {
            return ModelProto.parseFrom(onnx);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelRefusedException(BaseModel.ONNX + " is no ONNX model", e);
        }
    }

    private static long lastAxis(GraphProto graph, String output) throws ModelRefusedException {
        List<Dimension> dims = value(graph.getOutputList(), output)
                .getType()
                .getTensorType()
                .getShape()
                .getDimList();
        return dims.isEmpty() ? 0 : dims.get(dims.size() - 1).getDimValue();
    }

    private static ValueInfoProto value(List<ValueInfoProto> values, String name) throws ModelRefusedException {
        for (ValueInfoProto value : values) {
            if (value.getName().equals(name)) {
                return value;
            }
        }
        throw new ModelRefusedException(BaseModel.ONNX + " has no " + name);
    }

    private static void require(long found, long expected, String output) throws ModelRefusedException {
        if (found != expected) {
            throw new ModelRefusedException("the output " + output + " of " + BaseModel.ONNX + " has " + found
                    + " values where " + BaseModel.CONFIG + " says " + expected);
        }
    }
}
