package dev.coppice.adapters.quantize;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a model with small weights. What becomes small are the matrices of products; embeddings, norms, biases and (by
 * default) the product that makes the logits keep their type: they are few, and errors in them show most. Weights in
 * files of their own are read and written one by one, so that no more than the largest is in memory.
 */
public final class ModelQuantizer {
    /** Computes in float32 on top of small weights; kits and inference agree that way. */
    private static final long FLOAT32_ACCURACY = 1;

    /** Models with more bytes of weights get a file of weights, since a graph's own file ends at 2 GB. */
    private static final long INSIDE_BYTES_MAX = 1L << 28;

    private final QuantizeSpec spec;
    private final long insideBytesMax;

    public ModelQuantizer(QuantizeSpec spec) {
        this(spec, INSIDE_BYTES_MAX);
    }

    ModelQuantizer(QuantizeSpec spec, long insideBytesMax) {
        this.spec = spec;
        this.insideBytesMax = insideBytesMax;
    }

    /**
     * Writes a base model's folder with small weights, which is named after the model and the bits.
     *
     * @param folder of the new model, not the model's own; made if it is not there
     * @throws QuantizeRefusedException if no product's matrix can become small
     */
    public QuantizeReport quantize(BaseModel model, Path folder) throws IOException, QuantizeRefusedException {
        Files.createDirectories(folder);
        if (Files.isSameFile(folder, model.folder())) {
            throw new QuantizeRefusedException("a quantised model goes to a folder of its own");
        }
        QuantizeReport report = quantize(model.onnx(), folder.resolve(BaseModel.ONNX));
        Files.copy(
                model.folder().resolve(BaseModel.TOKENIZER),
                folder.resolve(BaseModel.TOKENIZER),
                StandardCopyOption.REPLACE_EXISTING);
        String name = model.config().name() + "-int" + spec.bits();
        ModelFolder.describe(folder, model.config(), name, report.files());
        return report;
    }

    /**
     * Writes a quantised model.
     *
     * @param from model.onnx, whose weights may lie beside it
     * @param to the new model.onnx, in a folder that exists; a file of weights is written beside it if they are many
     * @throws QuantizeRefusedException if no product's matrix can become small
     */
    public QuantizeReport quantize(Path from, Path to) throws IOException, QuantizeRefusedException {
        StoredModel stored = ModelReader.open(from);
        ModelProto model = stored.proto();
        List<FrozenProducts.Product> products = new FrozenProducts(model.getGraph()).find(spec.head());
        if (products.isEmpty()) {
            throw new QuantizeRefusedException(
                    "no product of the model has a float32 or float16 matrix of its own; quantise the float model, not"
                            + " one that is quantised already");
        }
        try (WeightsOut weights = new WeightsOut(to, bytes(model) > insideBytesMax)) {
            Set<String> replaced = new HashSet<>();
            Map<NodeProto, List<NodeProto>> nodes = new HashMap<>();
            for (FrozenProducts.Product product : products) {
                replaced.add(product.weight().getName());
                nodes.put(product.node(), small(product, stored, weights));
            }
            GraphProto.Builder graph = rewritten(model.getGraph(), nodes);
            Set<String> used = new HashSet<>();
            graph.getNodeList().forEach(node -> used.addAll(node.getInputList()));
            graph.getOutputList().forEach(output -> used.add(output.getName()));
            for (TensorProto tensor : model.getGraph().getInitializerList()) {
                if (used.contains(tensor.getName()) && !replaced.contains(tensor.getName())) {
                    weights.add(tensor.getName(), stored.tensor(tensor));
                }
            }
            graph.clearInitializer().addAllInitializer(weights.written());
            weights.finish(withContrib(model.toBuilder().setGraph(graph)));
            return new QuantizeReport(products.size(), bytes(model), weights.bytes(), weights.files());
        } catch (ArithmeticException | GraphRefusedException e) {
            throw new QuantizeRefusedException("the model cannot be quantised: " + e.getMessage(), e);
        }
    }

    private List<NodeProto> small(FrozenProducts.Product product, StoredModel stored, WeightsOut weights)
            throws IOException {
        String name = product.weight().getName();
        FloatMatrix matrix = new FloatMatrix(stored.tensor(product.weight()), product.transposed());
        SmallMatrix small = spec.bits() == 4 ? SmallMatrix.inBlocks(matrix, spec) : SmallMatrix.byOutput(matrix, spec);
        weights.add(name, small.weights());
        weights.add(name + "_scale", small.scales());
        Optional<Tensor> zeroPoints = small.findZeroPoints();
        if (zeroPoints.isPresent()) {
            weights.add(name + "_zero_point", zeroPoints.get());
        }
        String zeros = zeroPoints.isPresent() ? name + "_zero_point" : "";
        return spec.bits() == 4
                ? List.of(inBlocks(product.node(), name, zeros, matrix))
                : byOutput(product.node(), name, zeros, matrix.type());
    }

    private NodeProto inBlocks(NodeProto product, String weight, String zeros, FloatMatrix matrix) {
        Attributes attributes = Attributes.none()
                .integer("K", matrix.in())
                .integer("N", matrix.out())
                .integer("bits", spec.bits())
                .integer("block_size", spec.block())
                .integer("accuracy_level", FLOAT32_ACCURACY);
        List<String> inputs = new ArrayList<>(List.of(product.getInput(0), weight, weight + "_scale"));
        if (product.getInputCount() > 2) {
            inputs.addAll(List.of(zeros, "", product.getInput(2)));
        } else if (!zeros.isEmpty()) {
            inputs.add(zeros);
        }
        Node node = new Node(Node.MICROSOFT, "MatMulNBits", attributes, inputs, product.getOutputList());
        return Protos.node(node, 0).toBuilder()
                .setName(product.getName())
                .addAllMetadataProps(product.getMetadataPropsList())
                .build();
    }

    /**
     * The product after its matrix is dequantised. That is stored with the outputs first, whatever the product wanted: ONNX
     * Runtime dequantises such a matrix many times as fast. A Transpose in between would make it keep the floats. What is
     * dequantised is float32, in older models it can be nothing else; where the product wants float16 it becomes that.
     */
    private static List<NodeProto> byOutput(NodeProto product, String weight, String zeros, ElementType type) {
        List<String> inputs = new ArrayList<>(List.of(weight, weight + "_scale"));
        if (!zeros.isEmpty()) {
            inputs.add(zeros);
        }
        String asFloats = weight + "_dequantized";
        Node dequantize =
                new Node("", "DequantizeLinear", Attributes.none().integer("axis", 0), inputs, List.of(asFloats));
        List<NodeProto> nodes = new ArrayList<>();
        nodes.add(Protos.node(dequantize, 0).toBuilder().setName(asFloats).build());
        String matrix = asFloats;
        if (type != ElementType.FLOAT) {
            matrix = asFloats + "_cast";
            Attributes to = Attributes.none().integer("to", type.code());
            Node cast = new Node("", "Cast", to, List.of(asFloats), List.of(matrix));
            nodes.add(Protos.node(cast, 0).toBuilder().setName(matrix).build());
        }
        NodeProto.Builder turned = product.toBuilder().setInput(1, matrix).clearAttribute();
        if (product.getOpType().equals("MatMul")) {
            turned.setDomain(Node.MICROSOFT).setOpType("FusedMatMul");
        }
        nodes.add(turned.addAttribute(AttributeProto.newBuilder()
                        .setName("transB")
                        .setType(AttributeType.INT)
                        .setI(1))
                .build());
        return nodes;
    }

    /** All nodes in their order, without those that turned matrices which are gone. */
    private static GraphProto.Builder rewritten(GraphProto graph, Map<NodeProto, List<NodeProto>> replaced) {
        GraphProto.Builder rewritten = graph.toBuilder().clearNode();
        for (NodeProto node : graph.getNodeList()) {
            rewritten.addAllNode(replaced.getOrDefault(node, List.of(node)));
        }
        Set<String> used = new HashSet<>();
        rewritten.getNodeList().forEach(node -> used.addAll(node.getInputList()));
        rewritten.getOutputList().forEach(output -> used.add(output.getName()));
        List<NodeProto> kept = rewritten.getNodeList().stream()
                .filter(node -> !node.getOpType().equals("Transpose") || used.contains(node.getOutput(0)))
                .toList();
        return rewritten.clearNode().addAllNode(kept);
    }

    private static ModelProto withContrib(ModelProto.Builder model) {
        boolean known = model.getOpsetImportList().stream()
                .anyMatch(opset -> opset.getDomain().equals(Node.MICROSOFT));
        return known
                ? model.build()
                : model.addOpsetImport(OperatorSetIdProto.newBuilder()
                                .setDomain(Node.MICROSOFT)
                                .setVersion(1))
                        .build();
    }

    private static long bytes(ModelProto model) {
        long bytes = 0;
        for (TensorProto tensor : model.getGraph().getInitializerList()) {
            long count = tensor.getDimsList().stream().reduce(1L, Math::multiplyExact);
            bytes += ElementType.ofCode(tensor.getDataType()).bytes(count);
        }
        return bytes;
    }
}
