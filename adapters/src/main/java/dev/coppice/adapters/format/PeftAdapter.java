package dev.coppice.adapters.format;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * A LoRA adapter in the two files of Hugging Face PEFT: {@value #CONFIG} and {@value #WEIGHTS}. It moves the weight W
 * [out, in] of each of its modules to {@code W + scale B A}, and replaces the tensors of modules that are saved whole.
 * Immutable.
 */
public final class PeftAdapter {
    public static final String CONFIG = "adapter_config.json";
    public static final String WEIGHTS = "adapter_model.safetensors";

    static final String PREFIX = "base_model.model.";
    private static final String PICKLE = "adapter_model.bin";

    private final PeftConfig config;
    private final AdapterWeights weights;
    private final SortedMap<String, Double> scales;

    private PeftAdapter(PeftConfig config, AdapterWeights weights, SortedMap<String, Double> scales) {
        this.config = config;
        this.weights = weights;
        this.scales = scales;
    }

    /**
     * An adapter of tensors that are named as PEFT names them, without its prefix.
     *
     * @throws FormatRefusedException if tensors and configuration do not fit each other, naming the tensor or module
     */
    public static PeftAdapter of(PeftConfig config, AdapterWeights weights) throws FormatRefusedException {
        SortedMap<String, Double> scales = new TreeMap<>();
        for (Map.Entry<String, Integer> module :
                LoraTensors.ranks(weights.layout()).entrySet()) {
            String path = module.getKey();
            require(config.targets().include(path), "has factors of " + path + ", which target_modules does not name");
            int rank = config.strength().rank(path);
            require(rank == module.getValue(), "has factors of " + path + " of another rank than " + rank);
            scales.put(path, config.strength().scale(path));
        }
        for (TensorSpec tensor : weights.layout().tensors()) {
            String name = tensor.name();
            boolean saved = config.saved().stream().anyMatch(module -> holds(module, name));
            require(
                    LoraTensors.module(name).isPresent() || saved,
                    "has a tensor '" + name + "' that is no factor, and no part of modules_to_save");
        }
        return new PeftAdapter(config, weights, scales);
    }

    /**
     * The adapter in a folder.
     *
     * @throws FormatRefusedException if a file is missing, damaged, or of an adapter that is not plain LoRA
     */
    public static PeftAdapter read(Path folder) throws IOException, FormatRefusedException {
        require(
                Files.isRegularFile(folder.resolve(WEIGHTS)) || !Files.exists(folder.resolve(PICKLE)),
                "is only there as " + PICKLE + ", which can run code when it is read; save it as safetensors");
        return read(bytes(folder, CONFIG, 1 << 20), bytes(folder, WEIGHTS, Safetensors.BYTES_MAX));
    }

    /**
     * The adapter in two files.
     *
     * @throws FormatRefusedException as {@link #read(Path)}
     */
    public static PeftAdapter read(byte[] config, byte[] weights) throws FormatRefusedException {
        PeftConfig read = PeftConfig.read(config);
        AdapterWeights file = Safetensors.read(weights);
        for (TensorSpec tensor : file.layout().tensors()) {
            String name = tensor.name();
            require(
                    name.length() > PREFIX.length() && name.startsWith(PREFIX),
                    "has a tensor '" + name + "' that is none of" + " PEFT's");
        }
        return of(read, LoraTensors.renamed(file, name -> name.substring(PREFIX.length())));
    }

    /** The two files by name, as PEFT loads them; equal adapters give equal bytes. */
    public SortedMap<String, byte[]> files() {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(CONFIG, config.toJson());
        files.put(WEIGHTS, Safetensors.write(LoraTensors.renamed(weights, PREFIX::concat), Map.of("format", "pt")));
        return files;
    }

    public PeftConfig config() {
        return config;
    }

    /** All tensors, unscaled, named without PEFT's prefix. */
    public AdapterWeights weights() {
        return weights;
    }

    /** Modules that have factors, and what the product B A of each is multiplied with. */
    public SortedMap<String, Double> scales() {
        return new TreeMap<>(scales);
    }

    /**
     * This adapter in another layout. Paths of modules may have more in front on one side, as exporters add it; where the
     * scale differs, B makes up for it.
     *
     * @param scale what the product B A of each module of the layout is multiplied with
     * @throws FormatRefusedException if one of the two has a tensor that the other has not, or in another shape
     */
    public AdapterWeights in(ParameterLayout layout, ToDoubleFunction<String> scale) throws FormatRefusedException {
        Map<String, TensorSpec> left = new HashMap<>();
        weights.layout().tensors().forEach(tensor -> left.put(tensor.name(), tensor));
        float[] values = new float[layout.count()];
        for (TensorSpec wanted : layout.tensors()) {
            TensorSpec own = left.remove(match(wanted.name(), left));
            if (own == null || !own.shape().equals(wanted.shape())) {
                throw new FormatRefusedException("the adapter has no tensor " + wanted.name() + " of shape "
                        + wanted.shape() + (own == null ? "" : " but one of shape " + own.shape()));
            }
            float[] read = weights.tensor(own);
            double factor = factor(own.name(), wanted.name(), scale);
            int offset = layout.offset(wanted.name());
            for (int i = 0; i < read.length; i++) {
                values[offset + i] = (float) (factor * read[i]);
            }
        }
        require(
                left.isEmpty(),
                "has tensors that have no place, such as "
                        + left.keySet().stream().sorted().limit(3).toList());
        return AdapterWeights.of(layout, values);
    }

    private double factor(String own, String wanted, ToDoubleFunction<String> scale) {
        if (!own.endsWith(LoraTensors.B)) {
            return 1;
        }
        double ownScale = scales.getOrDefault(LoraTensors.module(own).orElseThrow(), 1.0);
        return ownScale / scale.applyAsDouble(LoraTensors.module(wanted).orElseThrow());
    }

    private static String match(String wanted, Map<String, TensorSpec> known) {
        if (known.containsKey(wanted)) {
            return wanted;
        }
        List<String> ends = known.keySet().stream()
                .filter(name -> PeftTargets.isEnd(name, wanted) || PeftTargets.isEnd(wanted, name))
                .toList();
        return ends.size() == 1 ? ends.get(0) : wanted;
    }

    /** Whether a tensor is part of a module that is named by the end of its path. */
    private static boolean holds(String module, String tensor) {
        return tensor.startsWith(module + ".") || tensor.contains("." + module + ".");
    }

    private static byte[] bytes(Path folder, String name, int bytesMax) throws IOException, FormatRefusedException {
        Path file = folder.resolve(name);
        require(Files.isRegularFile(file), "has no " + name + " in " + folder);
        require(Files.size(file) <= bytesMax, "has a " + name + " of more than " + bytesMax + " bytes");
        return Files.readAllBytes(file);
    }

    private static void require(boolean fits, String problem) throws FormatRefusedException {
        if (!fits) {
            throw new FormatRefusedException("the adapter " + problem);
        }
    }

    /** Says how many values there are, never what they are. */
    @Override
    public String toString() {
        Optional<String> first = scales.keySet().stream().findFirst();
        return "PeftAdapter[" + scales.size() + " modules from " + first.orElse("none") + ", " + weights + "]";
    }
}
