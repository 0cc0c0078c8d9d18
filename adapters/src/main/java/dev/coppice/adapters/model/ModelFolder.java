package dev.coppice.adapters.model;

import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.adapters.text.TokenizerRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
            int eosId,
            List<String> loraTargets,
            List<String> labels) {
        public Description {
            loraTargets = List.copyOf(loraTargets);
            labels = List.copyOf(labels);
        }
    }

    /** Writes the three files, replacing those that are there. The id that ends a text also pads. */
    public static void write(Path folder, ModelBuilder model, byte[] tokenizerJson, Description description)
            throws IOException {
        Files.createDirectories(folder);
        byte[] onnx = model.build().toByteArray();
        ModelConfig config = new ModelConfig(
                description.name(),
                List.of(ModelConfig.CAUSAL_LM, ModelConfig.TEXT_CLASSIFICATION),
                description.vocabularySize(),
                description.hiddenSize(),
                description.lengthMax(),
                description.eosId(),
                description.eosId(),
                description.loraTargets(),
                description.labels(),
                Hashes.sha256(onnx),
                Hashes.sha256(tokenizerJson));
        Files.write(folder.resolve(BaseModel.ONNX), onnx);
        Files.write(folder.resolve(BaseModel.TOKENIZER), tokenizerJson);
        Files.write(folder.resolve(BaseModel.CONFIG), config.toJson());
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
