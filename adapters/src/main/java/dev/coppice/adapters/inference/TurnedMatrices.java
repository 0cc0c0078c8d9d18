package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Protos;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stored matrices that a model turns before it multiplies with them, as exporters write an output layer that shares the
 * embedding's. ONNX Runtime would turn such a matrix when it opens the model and keep the result, packed once more for
 * its products. So the products take it as it is stored, and the model declares it as an input that nobody feeds: what
 * might be fed is neither computed with nor packed beforehand.
 */
final class TurnedMatrices {
    private TurnedMatrices() {}

    /** The model with products by turned float32 matrices written so. */
    static ModelProto asStored(ModelProto model) {
        Map<String, TensorProto> stored = new HashMap<>();
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            if (weight.getDimsCount() == 2 && weight.getDataType() == ElementType.FLOAT.code()) {
                stored.put(weight.getName(), weight);
            }
        }
        Map<String, TensorProto> turned = new HashMap<>();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (turns(node) && stored.containsKey(node.getInput(0))) {
                turned.put(node.getOutput(0), stored.get(node.getInput(0)));
            }
        }
        return turned.isEmpty() ? model : rewritten(model, turned);
    }

    private static boolean turns(NodeProto node) {
        return node.getOpType().equals("Transpose")
                && node.getAttributeList().stream()
                        .filter(attribute -> attribute.getName().equals("perm"))
                        .allMatch(attribute -> attribute.getIntsList().equals(List.of(1L, 0L)));
    }

    private static ModelProto rewritten(ModelProto model, Map<String, TensorProto> turned) {
        ModelProto.Builder changed = model.toBuilder();
        GraphProto.Builder graph = changed.getGraphBuilder();
        Set<String> inputs = new HashSet<>();
        graph.getInputList().forEach(input -> inputs.add(input.getName()));
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            boolean isProduct =
                    node.getOpType().equals("MatMul") && node.getDomain().isEmpty();
            if (isProduct && turned.containsKey(node.getInput(1))) {
                TensorProto matrix = turned.get(node.getInput(1));
                node.setOpType("FusedMatMul")
                        .setDomain(Node.MICROSOFT)
                        .setInput(1, matrix.getName())
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("transB")
                                .setType(AttributeProto.AttributeType.INT)
                                .setI(1));
                if (inputs.add(matrix.getName())) {
                    List<Dim> dims =
                            matrix.getDimsList().stream().map(Dim::fixed).toList();
                    graph.addInput(Protos.info(matrix.getName(), ElementType.FLOAT, dims));
                }
            }
        }
        if (changed.getOpsetImportList().stream()
                .noneMatch(set -> set.getDomain().equals(Node.MICROSOFT))) {
            changed.addOpsetImport(
                    OperatorSetIdProto.newBuilder().setDomain(Node.MICROSOFT).setVersion(1));
        }
        return new ModelEditor(changed.build()).build(); // without the turning, which ONNX Runtime would do at each run
    }
}
