package dev.coppice.adapters.lora;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.onnx.GraphRefusedException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The module path of every stored matrix that a model multiplies with, as PEFT would name it
 * ({@code model.layers.0.self_attn.q_proj}), whatever the exporter made of the weight's name. Found by
 * {@link PathEvidence}; a path that a more trusted source gives to another weight is not given twice, and a weight whose
 * module nothing names has none: a place in the order of layers is not guessed. Immutable.
 */
public final class ModulePaths {
    private static final int LISTED_MAX = 60;

    private final Map<String, String> byWeight;
    private final Map<String, ProductSite> sites;
    private final Map<String, ProductSite> heads;
    private final String wrapper;

    private ModulePaths(
            Map<String, String> byWeight,
            Map<String, ProductSite> sites,
            Map<String, ProductSite> heads,
            String wrapper) {
        this.byWeight = Map.copyOf(byWeight);
        this.sites = Map.copyOf(sites);
        this.heads = Map.copyOf(heads);
        this.wrapper = wrapper;
    }

    public static ModulePaths of(ModelProto model) {
        ProductSites found = new ProductSites(model);
        Map<String, String> byWeight = resolved(found.all());
        String wrapper = Wrapper.of(byWeight.values());
        Set<String> known = holders(model, wrapper);
        byWeight.replaceAll((weight, path) -> completed(path.substring(wrapper.length()), known));
        Map<String, ProductSite> sites = new HashMap<>();
        found.all().forEach(site -> sites.putIfAbsent(site.weight(), site));
        Map<String, ProductSite> heads = new HashMap<>();
        model.getGraph().getOutputList().stream()
                .filter(output -> output.getName().contains("logits"))
                .forEach(output -> found.behind(output.getName()).ifPresent(site -> heads.put(output.getName(), site)));
        return new ModulePaths(byWeight, sites, heads, wrapper);
    }

    /** The module that multiplies with this initializer. */
    public Optional<String> find(String weight) {
        return Optional.ofNullable(byWeight.get(weight));
    }

    /** Whether this weight's product makes the model's logits. */
    public boolean isHead(String weight) {
        return heads.values().stream().anyMatch(site -> site.weight().equals(weight));
    }

    /** Whether this weight's product makes an output. */
    public boolean isHeadOf(String output, String weight) {
        return headOf(output).filter(site -> site.weight().equals(weight)).isPresent();
    }

    /** Whether this weight is also the table of an embedding. */
    boolean isEmbedding(String weight) {
        ProductSite site = sites.get(weight);
        return site != null && site.isEmbedding();
    }

    /**
     * One of a module's own weights.
     *
     * @param module path of the module
     * @param name {@code <module>.weight} or {@code <module>.bias}
     * @param isFolded whether an exporter transposed and renamed it: [in, out] in place of [out, in]
     */
    public record Parameter(String module, String name, boolean isFolded) {}

    /** The parameter that an initializer is, told from its name or from the product that it is multiplied in. */
    public Optional<Parameter> findParameter(String initializer) {
        if (byWeight.containsKey(initializer)) {
            String module = path(initializer);
            boolean folded = PathEvidence.ofWeight(initializer).isEmpty();
            return Optional.of(new Parameter(module, module + ".weight", folded));
        }
        String name = initializer.startsWith(wrapper) ? initializer.substring(wrapper.length()) : initializer;
        return name.endsWith(".weight") || name.endsWith(".bias")
                ? Optional.of(new Parameter(parent(name), name, false))
                : Optional.empty();
    }

    /**
     * Checks that training an initializer trains its module alone.
     *
     * @throws GraphRefusedException if the matrix is also an embedding's
     */
    public void requireUnshared(String initializer) {
        if (isEmbedding(initializer)) {
            throw refusal("the weight of module " + path(initializer)
                    + " is also an embedding's and cannot be trained apart from it");
        }
    }

    /** The value that is multiplied to make an output; its name in the model. */
    public Optional<String> findHeadInput(String output) {
        return headOf(output).map(site -> site.node().getInput(0));
    }

    /** The module whose product makes an output. */
    public Optional<String> findHead(String output) {
        return headOf(output).flatMap(site -> find(site.weight()));
    }

    /** All paths that were found, sorted. */
    public Set<String> all() {
        return new TreeSet<>(byWeight.values());
    }

    /** Says which modules there are; layers are told once. */
    public GraphRefusedException refusal(String reason) {
        Set<String> listed = all().stream()
                .map(path -> path.replaceAll("\\.\\d+(?=\\.)", ".*"))
                .collect(Collectors.toCollection(TreeSet::new));
        String list = listed.stream().limit(LISTED_MAX).collect(Collectors.joining(", "));
        return new GraphRefusedException(
                reason + "; " + (listed.isEmpty() ? "no product of this model names its module" : "it has " + list));
    }

    private Optional<ProductSite> headOf(String output) {
        return Optional.ofNullable(heads.get(output));
    }

    private String path(String weight) {
        return byWeight.getOrDefault(weight, weight);
    }

    /** Paths of all modules that hold a named parameter somewhere inside. */
    private static Set<String> holders(ModelProto model, String wrapper) {
        Set<String> holders = new HashSet<>();
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            String name = weight.getName();
            for (String path = parent(name.startsWith(wrapper) ? name.substring(wrapper.length()) : name);
                    !path.isEmpty();
                    path = parent(path)) {
                holders.add(path);
            }
        }
        return holders;
    }

    /**
     * Scopes leave out modules that others reach through: OPT's {@code decoder.layers.0.self_attn.q_proj} is
     * {@code model.decoder.…}, as the names of the parameters around it say.
     */
    private static String completed(String path, Set<String> known) {
        for (String holder = parent(path); !holder.isEmpty(); holder = parent(holder)) {
            String end = "." + holder;
            List<String> longer =
                    known.stream().filter(name -> name.endsWith(end)).toList();
            if (known.contains(holder) || longer.size() > 1) {
                return path;
            }
            if (longer.size() == 1) {
                return longer.get(0) + path.substring(holder.length());
            }
        }
        return path;
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    private static Map<String, String> resolved(List<ProductSite> sites) {
        Map<String, String> byWeight = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (PathEvidence evidence : PathEvidence.values()) {
            for (ProductSite site : sites) {
                Optional<String> path = byWeight.containsKey(site.weight()) ? Optional.empty() : evidence.of(site);
                path.filter(taken::add).ifPresent(found -> byWeight.put(site.weight(), found));
            }
        }
        return byWeight;
    }
}
