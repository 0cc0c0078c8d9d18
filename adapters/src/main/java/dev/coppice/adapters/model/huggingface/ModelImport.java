package dev.coppice.adapters.model.huggingface;

import dev.coppice.adapters.Folders;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.text.Llama2cTokenizer;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.adapters.text.TokenizerRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Makes base models of Llama-style models that Hugging Face's transformers saved: config.json and model.safetensors (or
 * several files with an index; float32, float16 or bfloat16) of types llama, mistral, qwen2 and phi3. The result
 * computes in float32.
 *
 * @param weights the folder with config.json
 * @param tokenizer a tokenizer.json, or a tokenizer of llama2.c
 * @param name of the base model
 * @param lengthMax longest text in tokens, if the model itself has none shorter
 */
public record ModelImport(Path weights, Path tokenizer, String name, int lengthMax) {
    /** File beside model.onnx that holds weights of more than {@value #INSIDE_BYTES_MAX} bytes. */
    public static final String DATA = BaseModel.ONNX + ".data";

    /** Longest text unless asked for otherwise; also the longest that kits train. */
    public static final int LENGTH_USUAL = 8_192;

    private static final long INSIDE_BYTES_MAX = 32 << 20;
    private static final String GENERATION = "generation_config.json";
    /** Tables that old files hold and that follow from config.json. */
    private static final String DERIVED = "rotary_emb.inv_freq";

    /**
     * What was made.
     *
     * @param parameters numbers in all weights
     */
    public record Result(String name, long parameters, int vocabularySize, int lengthMax, String sha256) {}

    /**
     * Writes the base model's folder, whole or not at all.
     *
     * @param out a folder that does not exist yet, is empty, or holds a base model, which is replaced
     * @throws ModelRefusedException if something is missing, damaged or not supported
     */
    public Result into(Path out) throws IOException, ModelRefusedException {
        requireReplaceable(out);
        ConfigJson config = ConfigJson.read(weights.resolve("config.json"));
        DecoderShape shape = LlamaConfig.shape(config, lengthMax);
        Path target = out.toAbsolutePath();
        Files.createDirectories(target.getParent());
        Path temporary = Files.createTempDirectory(target.getParent(), ".import-");
        try {
            boolean large = parameters(shape) * Float.BYTES > INSIDE_BYTES_MAX;
            writeGraph(shape, temporary, large);
            Files.write(temporary.resolve(BaseModel.TOKENIZER), tokenizerJson());
            ModelFolder.describe(temporary, description(config, shape), large ? List.of(DATA) : List.of());
            Result result = checked(temporary, shape);
            Folders.delete(target);
            Files.move(temporary, target);
            return result;
        } catch (IllegalArgumentException e) {
            throw new ModelRefusedException("no base model comes out: " + e.getMessage(), e);
        } finally {
            Folders.delete(temporary);
        }
    }

    private void writeGraph(DecoderShape shape, Path folder, boolean large) throws IOException, ModelRefusedException {
        try (StoredWeights stored = StoredWeights.open(weights)) {
            requireNothingElse(stored, shape);
            WeightsOut out = new WeightsOut(stored);
            WeightSource source = large ? out.beside(shape, folder.resolve(DATA)) : out.inside(shape);
            DecoderBuilder.build(shape, source).write(folder.resolve(BaseModel.ONNX));
        }
    }

    /** A tensor that nothing reads would be a part of the model that is left out. */
    private static void requireNothingElse(StoredWeights stored, DecoderShape shape) throws ModelRefusedException {
        Set<String> others = new TreeSet<>(stored.names());
        shape.tensors().forEach(tensor -> others.remove(tensor.name()));
        others.removeIf(
                tensor -> tensor.endsWith(DERIVED) || (shape.variant().tied() && tensor.equals("lm_head.weight")));
        if (!others.isEmpty()) {
            throw new ModelRefusedException("the weights have a tensor '"
                    + others.iterator().next() + "' that config.json does not account for");
        }
    }

    private byte[] tokenizerJson() throws IOException, ModelRefusedException {
        if (!Files.isRegularFile(tokenizer)) {
            throw new ModelRefusedException("there is no tokenizer " + tokenizer + "; name one");
        }
        if (Files.size(tokenizer) > TextTokenizer.FILE_BYTES_MAX) {
            throw new ModelRefusedException(tokenizer + " has more than " + TextTokenizer.FILE_BYTES_MAX + " bytes");
        }
        byte[] bytes = Files.readAllBytes(tokenizer);
        try {
            boolean isJson = bytes.length > 0 && (bytes[0] == '{' || Character.isWhitespace(bytes[0]));
            return isJson ? bytes : Llama2cTokenizer.toJson(bytes);
        } catch (TokenizerRefusedException e) {
            throw new ModelRefusedException(tokenizer + " cannot be used: " + e.getMessage(), e);
        }
    }

    private ModelFolder.Description description(ConfigJson config, DecoderShape shape)
            throws IOException, ModelRefusedException {
        List<Integer> ends = new ArrayList<>(config.ids("eos_token_id"));
        if (Files.isRegularFile(weights.resolve(GENERATION))) {
            ConfigJson generation = ConfigJson.read(weights.resolve(GENERATION));
            generation.ids("eos_token_id").stream()
                    .filter(id -> !ends.contains(id))
                    .forEach(ends::add);
        }
        config.require(!ends.isEmpty(), "names no eos_token_id");
        int start = first(config.ids("bos_token_id"), ends.get(0));
        int pad = first(config.ids("pad_token_id"), ends.get(0));
        return new ModelFolder.Description(
                name,
                shape.sizes().vocabulary(),
                shape.sizes().width(),
                shape.sizes().lengthMax(),
                new ModelFolder.Special(pad, start, ends),
                shape.variant().fused() ? List.of("qkv_proj") : List.of("q_proj", "v_proj"),
                List.of());
    }

    private Result checked(Path folder, DecoderShape shape) throws IOException, ModelRefusedException {
        try (BaseModel model = BaseModel.open(folder)) {
            return new Result(
                    name,
                    parameters(shape),
                    shape.sizes().vocabulary(),
                    shape.sizes().lengthMax(),
                    model.sha256());
        }
    }

    private static int first(List<Integer> ids, int otherwise) {
        return ids.isEmpty() ? otherwise : ids.get(0);
    }

    private static long parameters(DecoderShape shape) {
        return shape.tensors().stream().mapToLong(TensorSpec::count).sum();
    }

    private static void requireReplaceable(Path out) throws IOException, ModelRefusedException {
        if (!Files.exists(out) || Files.isRegularFile(out.resolve(BaseModel.CONFIG))) {
            return;
        }
        try (Stream<Path> files = Files.list(out)) {
            if (files.findAny().isPresent()) {
                throw new ModelRefusedException(out + " holds something else than a base model; name an empty folder");
            }
        }
    }
}
