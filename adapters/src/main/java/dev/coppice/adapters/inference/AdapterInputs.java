package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Tensor;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Puts a LoRA path beside products of a model: y + s (x Aᵀ) Bᵀ, computed in float32, where A [rank, in] and B [out, rank]
 * are inputs of the graph, of any rank, and of rank 0 where nothing is fed.
 */
final class AdapterInputs {
    private static final Attributes TURN = Attributes.none().integers("perm", 1, 0);

    private final ModelEditor model;
    private final String prefix;
    private final ToDoubleFunction<String> scale;

    /**
     * @param prefix of the inputs' names
     * @param scale s of a module; 1 where it is in B already
     */
    AdapterInputs(ModelEditor model, String prefix, ToDoubleFunction<String> scale) {
        this.model = model;
        this.prefix = prefix;
        this.scale = scale;
    }

    /** Name of the tensor A of a module, [rank, in]. */
    static String a(String module) {
        return module + ".lora_A.weight";
    }

    /** Name of the tensor B of a module, [out, rank]. */
    static String b(String module) {
        return module + ".lora_B.weight";
    }

    /** Puts paths beside these products, which have the places that they have in the model now. */
    void add(List<ProductSite> sites) {
        Set<String> declared = new HashSet<>();
        List<ProductSite> lastFirst = sites.stream()
                .sorted(Comparator.comparingInt(ProductSite::node).reversed())
                .toList();
        for (ProductSite site : lastFirst) {
            if (declared.add(site.module())) {
                Dim rank = Dim.free(site.module() + ".rank");
                Tensor noA = Tensor.ofFloats(new float[0], 0, site.in());
                Tensor noB = Tensor.ofFloats(new float[0], site.out(), 0);
                model.input(prefix + a(site.module()), noA, rank, Dim.fixed(site.in()));
                model.input(prefix + b(site.module()), noB, Dim.fixed(site.out()), rank);
            }
            putBeside(site);
        }
    }

    private void putBeside(ProductSite site) {
        NodeProto product = model.nodes().get(site.node());
        String sum = product.getOutput(0);
        String base = model.fresh();
        model.replaceNode(site.node(), product.toBuilder().setOutput(0, base).build());
        int at = site.node() + 1;
        boolean narrow = site.element() != ElementType.FLOAT;
        double s = scale.applyAsDouble(site.module());
        String x = product.getInput(0);
        if (narrow) {
            x = model.insert(at++, "Cast", cast(ElementType.FLOAT), x);
        }
        String turnedA = model.insert(at++, "Transpose", TURN, prefix + a(site.module()));
        String reduced = model.insert(at++, "MatMul", Attributes.none(), x, turnedA);
        if (s != 1) {
            String factor = model.constant(Tensor.scalar(ElementType.FLOAT, s));
            reduced = model.insert(at++, "Mul", Attributes.none(), reduced, factor);
        }
        String turnedB = model.insert(at++, "Transpose", TURN, prefix + b(site.module()));
        String change = model.insert(at++, "MatMul", Attributes.none(), reduced, turnedB);
        if (narrow) {
            change = model.insert(at++, "Cast", cast(site.element()), change);
        }
        model.insert(at, new Node("", "Add", Attributes.none(), List.of(base, change), List.of(sum)));
    }

    private static Attributes cast(ElementType type) {
        return Attributes.none().integer("to", type.code());
    }
}
