package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Makes adapters part of a model's weights: W' = W + s B A, computed in float64 and rounded to the type that the
 * weight is stored in. For float16 that loses up to 2^-11 of a weight, in which a small change may drown; what is
 * quantized is refused. A weight that other operators use too (an embedding tied to the output layer) stays as it is for
 * them: the product gets a weight of its own.
 */
final class Merging {
    private final StoredModel model;
    private final ModelEditor editor;
    private final Map<String, TensorProto> weights = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();

    private Merging(StoredModel model) {
        this.model = model;
        GraphProto graph = model.proto().getGraph();
        this.editor = new ModelEditor(model.proto());
        graph.getInitializerList().forEach(weight -> weights.put(weight.getName(), weight));
        graph.getNodeList().forEach(node -> node.getInputList().forEach(input -> uses.merge(input, 1, Integer::sum)));
    }

    /**
     * The model with these adapters in it.
     *
     * @throws GraphRefusedException if the model has no fitting weight for something in an adapter, or a quantized one
     */
    static ModelProto of(StoredModel model, List<Adapter> adapters) {
        Merging merging = new Merging(model);
        Map<String, List<LoraFactors>> byModule = new TreeMap<>();
        adapters.forEach(adapter -> adapter.factors()
                .forEach((module, factors) -> byModule.computeIfAbsent(module, path -> new ArrayList<>())
                        .add(factors)));
        List<ProductSite> sites = ProductSites.of(model.proto(), ModulePaths.of(model.proto()));
        byModule.forEach((module, parts) -> merging.move(module, LoraFactors.stacked(parts), sites));
        for (Adapter adapter : adapters) {
            for (TensorSpec tensor : adapter.whole().values()) {
                merging.replace(tensor, adapter.weights().tensor(tensor));
            }
        }
        return merging.editor.build();
    }

    private void move(String module, LoraFactors factors, List<ProductSite> sites) {
        List<ProductSite> own = sites.stream()
                .filter(site -> AdapterTargets.means(module, site.module()))
                .toList();
        if (own.isEmpty()) {
            throw new GraphRefusedException("the model has no product with a weight of " + module);
        }
        for (ProductSite site : own) {
            if (site.quantized()) {
                throw new GraphRefusedException("the weight of " + module + " is quantized: merge into the model it was"
                        + " made from and quantize that, or export the adapter beside the model");
            }
            if (site.in() != factors.in() || site.out() != factors.out()) {
                throw new GraphRefusedException("the adapter takes " + module + " for [" + factors.out() + ", "
                        + factors.in() + "], the model has [" + site.out() + ", " + site.in() + "]");
            }
            move(site, factors);
        }
    }

    private void move(ProductSite site, LoraFactors factors) {
        NodeProto product = editor.nodes().get(site.node());
        if (isOnlyUsedHere(product.getInput(1))) {
            editor.setWeight(moved(site, factors, site.transposed(), site.weight()));
        } else {
            boolean turned = product.getOpType().equals("Gemm") && hasFlag(product, "transB");
            TensorProto weight = moved(site, factors, turned, editor.unused(site.module() + ".weight"));
            editor.setWeight(weight);
            editor.replaceNode(
                    site.node(),
                    product.toBuilder().setInput(1, weight.getName()).build());
        }
    }

    /** @param turned whether the result is [out, in] instead of [in, out] */
    private TensorProto moved(ProductSite site, LoraFactors factors, boolean turned, String name) {
        Tensor tensor = model.tensor(weight(site.weight()));
        double[] stored = tensor.toDoubles();
        double[] change = factors.product();
        int in = factors.in();
        int out = factors.out();
        double[] sum = new double[stored.length];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                double before = stored[site.transposed() ? o * in + i : i * out + o];
                sum[turned ? o * in + i : i * out + o] = before + change[o * in + i];
            }
        }
        return stored(name, tensor.type(), sum, turned ? new long[] {out, in} : new long[] {in, out});
    }

    private void replace(TensorSpec tensor, float[] values) {
        List<TensorProto> own = weights.values().stream()
                .filter(weight -> AdapterTargets.means(tensor.name(), weight.getName()))
                .toList();
        List<Long> shape = tensor.shape().stream().map(Integer::longValue).toList();
        if (own.isEmpty() || !own.get(0).getDimsList().equals(shape)) {
            throw new GraphRefusedException("the model has no tensor " + tensor.name() + " of shape " + shape
                    + " that the adapter's could take the place of");
        }
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        ElementType type = ElementType.ofCode(own.get(0).getDataType());
        editor.setWeight(stored(
                own.get(0).getName(),
                type,
                wide,
                shape.stream().mapToLong(Long::longValue).toArray()));
    }

    private static TensorProto stored(String name, ElementType type, double[] values, long... shape) {
        return Protos.tensor(name, Tensor.ofReals(type, values, shape));
    }

    /** Whether a product alone uses the weight that it is given, and whatever lies between the two. */
    private boolean isOnlyUsedHere(String value) {
        String at = value;
        while (uses.getOrDefault(at, 0) == 1 && !weights.containsKey(at)) {
            OptionalInt maker = editor.findMaker(at);
            if (maker.isEmpty()) {
                return false;
            }
            at = editor.nodes().get(maker.getAsInt()).getInput(0);
        }
        return uses.getOrDefault(at, 0) == 1;
    }

    private TensorProto weight(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    private static boolean hasFlag(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .anyMatch(attribute -> attribute.getName().equals(name) && attribute.getI() != 0);
    }
}
