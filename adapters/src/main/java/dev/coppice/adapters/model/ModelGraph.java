package dev.coppice.adapters.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.List;

/** What must be true of a base model's graph: its inputs and outputs, and sizes that the configuration names. */
final class ModelGraph {
    private ModelGraph() {}

    static void check(Path onnx, ModelConfig config) throws IOException, ModelRefusedException {
        GraphProto graph = parse(onnx).getGraph();
        for (String file : ExternalFiles.of(graph)) {
            if (!config.files().containsKey(file)) {
                throw new ModelRefusedException(
                        BaseModel.ONNX + " has weights in " + file + ", which " + BaseModel.CONFIG + " does not name");
            }
        }
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

    private static ModelProto parse(Path onnx) throws IOException, ModelRefusedException {
        try (FileChannel channel = FileChannel.open(onnx)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new ModelRefusedException(
                        BaseModel.ONNX + " has more than 2 GB; keep weights in a file of their own");
            }
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(channel.map(MapMode.READ_ONLY, 0, channel.size()))
                    .newCodedInput();
            in.enableAliasing(true); // weights stay in the mapped file
            in.setSizeLimit(Integer.MAX_VALUE);
            return ModelProto.parseFrom(in);
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
