package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;

/** Our values as messages of the ONNX format (IR version 8). */
public final class Protos {
    private static final int IR_VERSION = 8;

    private Protos() {}

    public static ModelProto model(GraphProto.Builder graph, int opset) {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
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

    public static TensorProto tensor(String name, Tensor tensor) {
        TensorProto.Builder proto = TensorProto.newBuilder()
                .setName(name)
                .setDataType(tensor.type().code())
                .setRawData(tensor.data());
        for (long size : tensor.shape()) {
            proto.addDims(size);
        }
        return proto.build();
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
