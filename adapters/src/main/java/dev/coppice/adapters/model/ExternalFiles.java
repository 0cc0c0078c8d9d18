package dev.coppice.adapters.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Finds the files beside a model file that hold some of its tensors. */
final class ExternalFiles {
    private ExternalFiles() {}

    /** Their names as the graph has them. */
    static Set<String> of(GraphProto graph) {
        Set<String> files = new TreeSet<>();
        add(graph, files);
        return files;
    }

    private static void add(GraphProto graph, Set<String> files) {
        addTensors(graph.getInitializerList(), files);
        graph.getSparseInitializerList()
                .forEach(sparse -> addTensors(List.of(sparse.getValues(), sparse.getIndices()), files));
        graph.getNodeList().forEach(node -> node.getAttributeList().forEach(attribute -> add(attribute, files)));
    }

    private static void add(AttributeProto attribute, Set<String> files) {
        addTensors(List.of(attribute.getT()), files);
        addTensors(attribute.getTensorsList(), files);
        add(attribute.getG(), files);
        attribute.getGraphsList().forEach(graph -> add(graph, files));
    }

    private static void addTensors(List<TensorProto> tensors, Set<String> files) {
        for (TensorProto tensor : tensors) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                files.add(tensor.getExternalDataList().stream()
                        .filter(entry -> entry.getKey().equals("location"))
                        .map(StringStringEntryProto::getValue)
                        .findFirst()
                        .orElse(""));
            }
        }
    }
}
