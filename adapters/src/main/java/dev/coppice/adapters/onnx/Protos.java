package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Our values as messages of the ONNX format (IR version 8, or 10 where the operators want it). */
public final class Protos {
    private static final int IR_VERSION = 8;
    private static final int IR_VERSION_FROM_OPSET_21 = 10;

    private Protos() {}

    public static ModelProto model(GraphProto.Builder graph, int opset) {
        return ModelProto.newBuilder()
                .setIrVersion(opset >= 21 ? IR_VERSION_FROM_OPSET_21 : IR_VERSION)
                .setProducerName("coppice")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .addOpsetImport(OperatorSetIdProto.newBuilder()
                        .setDomain(Node.MICROSOFT)
                        .setVersion(1))
                .setGraph(graph)
                .build();
    }

    public static NodeProto node(Node node, int number) {
        return NodeProto.newBuilder()
                .setName(node.op() + "_" + number)
                .setDomain(node.domain())
                .setOpType(node.op())
                .addAllAttribute(node.attributes().all())
                .addAllInput(node.inputs())
                .addAllOutput(node.outputs())
                .build();
    }

    /** A tensor with its values. */
    public static TensorProto tensor(String name, Tensor tensor) {
        return unfilled(name, tensor.type(), tensor.shape())
                .setRawData(tensor.bytes())
                .build();
    }

    /** A tensor whose values lie beside the model. */
    static TensorProto tensor(String name, ElementType type, long[] shape, Place place) {
        return unfilled(name, type, shape)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", place.file()))
                .addExternalData(entry("offset", Long.toString(place.offset())))
                .addExternalData(entry("length", Long.toString(place.bytes())))
                .build();
    }

    /**
     * Where a tensor's values lie that is beside its model.
     *
     * @throws GraphRefusedException if that is no part of a file
     */
    public static Place place(TensorProto tensor) {
        Map<String, String> entries = new HashMap<>();
        tensor.getExternalDataList().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        try {
            return new Place(
                    entries.getOrDefault("location", ""),
                    Long.parseLong(entries.getOrDefault("offset", "0")),
                    Long.parseLong(entries.getOrDefault("length", "0")));
        } catch (IllegalArgumentException e) {
            throw new GraphRefusedException("weight " + tensor.getName() + " lies in no part of a file", e);
        }
    }

    private static TensorProto.Builder unfilled(String name, ElementType type, long[] shape) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.code());
        for (long size : shape) {
            proto.addDims(size);
        }
        return proto;
    }

    private static StringStringEntryProto.Builder entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
    }

    public static ValueInfoProto info(String name, ElementType type, List<Dim> dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Dim dim : dims) {
            TensorShapeProto.Dimension.Builder size = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(dim.isFree() ? size.setDimParam(dim.symbol()) : size.setDimValue(dim.size()));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.code())
                                .setShape(shape)))
                .build();
    }
}
