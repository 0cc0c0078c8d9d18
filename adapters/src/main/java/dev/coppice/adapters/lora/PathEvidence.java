package dev.coppice.adapters.lora;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a model's file says about the module that a product belongs to, most trusted first. */
enum PathEvidence {
    /** The weight's own name, {@code model.layers.0.self_attn.q_proj.weight}; a shared embedding's names its other use. */
    WEIGHT {
        @Override
        Optional<String> of(ProductSite site) {
            return site.isEmbedding() ? Optional.empty() : ofWeight(site.weight());
        }
    },
    /**
     * The bias keeps its name where an exporter folds the weight's transpose and calls it {@code onnx::MatMul_752}. One
     * that belongs to a module around the product's (as {@code cls.predictions.bias}) yields to a scope inside of it.
     */
    BIAS {
        @Override
        Optional<String> of(ProductSite site) {
            return site.bias()
                    .filter(name -> name.endsWith(BIAS_END))
                    .map(name -> without(name, BIAS_END))
                    .map(path -> Stream.of(NODE, SCOPES, NAMESPACE)
                            .flatMap(scope -> scope.of(site).stream())
                            .filter(scope -> scope.startsWith(path + "."))
                            .findFirst()
                            .orElse(path));
        }
    },
    /** The TorchScript exporter, and all that build on it, name nodes {@code /model/layers.0/self_attn/q_proj/MatMul}. */
    NODE {
        @Override
        Optional<String> of(ProductSite site) {
            String name = site.node().getName();
            if (!name.startsWith("/")) {
                return Optional.empty();
            }
            List<String> scopes = Arrays.asList(name.substring(1).split("/", -1));
            int end = scopes.size();
            while (end > 0 && OPERATOR.matcher(scopes.get(end - 1)).matches()) {
                end--;
            }
            return end == 0 || end == scopes.size()
                    ? Optional.empty()
                    : Optional.of(String.join(".", scopes.subList(0, end)));
        }
    },
    /** The dynamo exporter lists the scopes: {@code ['', 'model', 'model.layers.0', …, 'linear_2']}; the last is the call. */
    SCOPES {
        @Override
        Optional<String> of(ProductSite site) {
            return findMetadata(site, "pkg.torch.onnx.name_scopes").flatMap(list -> {
                List<String> scopes = QUOTED.matcher(list)
                        .results()
                        .map(quoted -> quoted.group(1))
                        .toList();
                return scopes.size() < 2 ? Optional.empty() : Optional.of(scopes.get(scopes.size() - 2));
            });
        }
    },
    /** The same with classes: {@code : Wrapper/model: LlamaModel/…/model.layers.0.self_attn.q_proj: Linear/linear: aten}. */
    NAMESPACE {
        @Override
        Optional<String> of(ProductSite site) {
            return findMetadata(site, "namespace").flatMap(text -> {
                List<String> scopes = Arrays.asList(text.split("/", -1));
                return scopes.size() < 2
                        ? Optional.empty()
                        : Optional.of(scopes.get(scopes.size() - 2).replaceFirst(":.*", ""));
            });
        }
    };

    private static final String BIAS_END = ".bias";
    private static final Pattern OPERATOR = Pattern.compile("(MatMul|Gemm|Attention|FusedMatMul|FusedGemm).*");
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");
    /** Quantizers append to the name: {@code ….weight_Q4}, {@code ….weight_quantized}, or say {@code ….qweight}. */
    private static final Pattern WEIGHT_NAME = Pattern.compile("(.+)\\.q?weight(_\\w+)?");
    /** The builder of onnxruntime-genai calls every architecture's attention {@code attn} and its weights so. */
    private static final String GENAI_END = ".MatMul";

    /** The module path that a product's evidence gives, wrappers included. */
    abstract Optional<String> of(ProductSite site);

    /** The module of a weight of this name. */
    static Optional<String> ofWeight(String name) {
        Matcher matcher = WEIGHT_NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String path = matcher.group(1);
        return Optional.of(
                path.endsWith(GENAI_END)
                        ? without(path, GENAI_END).replaceFirst("(layers\\.\\d+)\\.attn\\.", "$1.self_attn.")
                        : path);
    }

    private static Optional<String> findMetadata(ProductSite site, String key) {
        return site.node().getMetadataPropsList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(StringStringEntryProto::getValue)
                .findFirst();
    }

    private static String without(String name, String end) {
        return name.substring(0, name.length() - end.length());
    }
}
