package dev.coppice.adapters.model;

import dev.coppice.adapters.kit.FileHash;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.adapters.text.TokenizerRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes folders that {@link BaseModel#open} accepts. */
public final class ModelFolder {
    private ModelFolder() {}

    /**
     * What a model can do and how large it is; the hashes of its files come from the files.
     *
     * @see ModelConfig
     */
    public record Description(
            String name,
            int vocabularySize,
            int hiddenSize,
            int lengthMax,
            Special special,
            List<String> loraTargets,
            List<String> labels) {
        public Description {
            loraTargets = List.copyOf(loraTargets);
            labels = List.copyOf(labels);
        }
    }

    /**
     * Token ids with a meaning.
     *
     * @see ModelConfig
     */
    public record Special(int pad, int start, List<Integer> ends) {
        public Special {
            ends = List.copyOf(ends);
        }

        /** One id that fills up, starts and ends. */
        public static Special one(int id) {
            return new Special(id, id, List.of(id));
        }
    }

    /** Writes the three files of a model whose weights are all in its graph, replacing those that are there. */
    public static void write(Path folder, ModelBuilder model, byte[] tokenizerJson, Description description)
            throws IOException {
        Files.createDirectories(folder);
        model.write(folder.resolve(BaseModel.ONNX));
        Files.write(folder.resolve(BaseModel.TOKENIZER), tokenizerJson);
        describe(folder, description, List.of());
    }

    /**
     * Writes coppice-model.json into a folder that holds everything else.
     *
     * @param weights names of the files beside model.onnx that hold weights
     */
    public static void describe(Path folder, Description description, List<String> weights) throws IOException {
        ModelConfig config = new ModelConfig(
                description.name(),
                List.of(ModelConfig.CAUSAL_LM, ModelConfig.TEXT_CLASSIFICATION),
                description.vocabularySize(),
                description.hiddenSize(),
                description.lengthMax(),
                description.special().pad(),
                description.special().start(),
                description.special().ends(),
                description.loraTargets(),
                description.labels(),
                hashes(folder, weights));
        Files.write(folder.resolve(BaseModel.CONFIG), config.toJson());
    }

    /**
     * Writes coppice-model.json for a model that differs from a described one in its name and weights only.
     *
     * @param weights names of the files beside model.onnx that hold weights
     */
    public static void describe(Path folder, ModelConfig like, String name, List<String> weights) throws IOException {
        ModelConfig config = new ModelConfig(
                name,
                like.tasks(),
                like.vocabularySize(),
                like.hiddenSize(),
                like.lengthMax(),
                like.padId(),
                like.bosId(),
                like.eosIds(),
                like.loraTargets(),
                like.labels(),
                hashes(folder, weights));
        Files.write(folder.resolve(BaseModel.CONFIG), config.toJson());
    }

    private static Map<String, String> hashes(Path folder, List<String> weights) throws IOException {
        Map<String, String> files = new TreeMap<>();
        files.put(BaseModel.ONNX, FileHash.of(folder.resolve(BaseModel.ONNX)));
        files.put(BaseModel.TOKENIZER, FileHash.of(folder.resolve(BaseModel.TOKENIZER)));
        for (String name : weights) {
            files.put(name, FileHash.of(folder.resolve(name)));
        }
        return files;
    }

    /** How many token ids a tokenizer.json has. */
    public static int vocabularySize(byte[] tokenizerJson) throws ModelRefusedException {
        try (TextTokenizer tokenizer = TextTokenizer.of(tokenizerJson)) {
            return tokenizer.vocabularySize();
        } catch (TokenizerRefusedException e) {
            throw new ModelRefusedException(BaseModel.TOKENIZER + " cannot be used", e);
        }
    }
}
