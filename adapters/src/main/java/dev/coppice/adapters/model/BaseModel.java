package dev.coppice.adapters.model;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.adapters.text.TokenizerRefusedException;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A base model: a folder with model.onnx (and what files of weights it names), tokenizer.json and coppice-model.json
 * that agree with each other. Weights are never read into the heap. Immutable and thread-safe; closing it frees the
 * tokenizer.
 */
public final class BaseModel implements AutoCloseable {
    public static final String ONNX = "model.onnx";
    public static final String TOKENIZER = "tokenizer.json";
    public static final String CONFIG = "coppice-model.json";

    private static final long CONFIG_BYTES_MAX = 1 << 20;

    private final ModelFiles files;
    private final Path folder;
    private final ModelConfig config;
    private final TextTokenizer tokenizer;
    private final String sha256;

    private BaseModel(Path folder, ModelFiles files, ModelConfig config, TextTokenizer tokenizer, String sha256) {
        this.files = files;
        this.folder = folder;
        this.config = config;
        this.tokenizer = tokenizer;
        this.sha256 = sha256;
    }

    /**
     * Opens a folder after checking every file against coppice-model.json and the graph's outputs against its sizes.
     * Reads all of every file once, a few seconds for several GB.
     *
     * @throws ModelRefusedException naming the first thing that does not fit
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the tokenizer is closed with the model
    public static BaseModel open(Path folder) throws IOException, ModelRefusedException {
        byte[] json = readable(folder, CONFIG, CONFIG_BYTES_MAX);
        ModelConfig config = ModelConfig.fromJson(json);
        ModelFiles files = ModelFiles.verify(folder, config.files());
        ModelGraph.check(folder.resolve(ONNX), config);
        byte[] tokenizerJson = readable(folder, TOKENIZER, TextTokenizer.FILE_BYTES_MAX);
        return new BaseModel(folder, files, config, tokenizer(tokenizerJson, config), Sha256.hex(json));
    }

    public ModelConfig config() {
        return config;
    }

    public Path folder() {
        return folder;
    }

    public Path onnx() {
        return folder.resolve(ONNX);
    }

    /** The graph and its weights, for whoever hands them to native code. */
    public ModelFiles files() {
        return files;
    }

    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** What identifies this model: SHA-256 of coppice-model.json, which holds that of every other file; 64 hex digits. */
    public String sha256() {
        return sha256;
    }

    /** Derives a training kit of this model in a folder. See {@link KitBuilder#build}. */
    public Kit kit(KitSpec spec, Path kitFolder) throws IOException, KitRefusedException {
        requireUnchanged();
        Kit kit = KitBuilder.build(onnx(), sha256, config.labels(), spec, kitFolder);
        requireUnchanged();
        return kit;
    }

    private void requireUnchanged() throws IOException, KitRefusedException {
        try {
            files.requireUnchanged();
        } catch (ModelRefusedException e) {
            throw new KitRefusedException("no kit is made from this model", e);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed here if refused, else with the model
    private static TextTokenizer tokenizer(byte[] json, ModelConfig config) throws ModelRefusedException {
        try {
            TextTokenizer tokenizer = TextTokenizer.of(json);
            if (tokenizer.vocabularySize() > config.vocabularySize()) {
                int size = tokenizer.vocabularySize();
                tokenizer.close();
                throw new ModelRefusedException(
                        TOKENIZER + " has " + size + " tokens, the model only " + config.vocabularySize());
            }
            return tokenizer;
        } catch (TokenizerRefusedException e) {
            throw new ModelRefusedException(TOKENIZER + " cannot be used", e);
        }
    }

    private static byte[] readable(Path folder, String name, long bytesMax) throws IOException, ModelRefusedException {
        Path file = existing(folder, name);
        if (Files.size(file) > bytesMax) {
            throw new ModelRefusedException(name + " has more than " + bytesMax + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private static Path existing(Path folder, String name) throws ModelRefusedException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new ModelRefusedException("there is no " + name + " in " + folder);
        }
        return file;
    }
}
