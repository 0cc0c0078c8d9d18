package dev.coppice.adapters.model;

import dev.coppice.adapters.kit.FileHash;
import dev.coppice.adapters.kit.FileStamps;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A model's graph and the files of weights beside it, as they were verified. Native code gets the graph as bytes whose
 * hash is checked again; weights it maps itself, so that {@link #requireUnchanged} is called before and after. Immutable.
 */
public final class ModelFiles {
    private final Path onnx;
    private final String sha256;
    private final FileStamps stamps;

    private ModelFiles(Path onnx, String sha256, FileStamps stamps) {
        this.onnx = onnx;
        this.sha256 = sha256;
        this.stamps = stamps;
    }

    /**
     * Verifies all files of a base model.
     *
     * @param hashes SHA-256 of each file by its name, model.onnx among them
     * @throws ModelRefusedException naming the first that is missing or another
     */
    static ModelFiles verify(Path folder, Map<String, String> hashes) throws IOException, ModelRefusedException {
        FileStamps stamps = stamps(folder, hashes.keySet());
        for (Map.Entry<String, String> file : hashes.entrySet()) {
            if (!FileHash.of(folder.resolve(file.getKey())).equals(file.getValue())) {
                throw new ModelRefusedException(file.getKey() + " is not the file that " + BaseModel.CONFIG + " names");
            }
        }
        ModelFiles files = new ModelFiles(
                folder.resolve(BaseModel.ONNX), Objects.requireNonNull(hashes.get(BaseModel.ONNX)), stamps);
        files.requireUnchanged();
        return files;
    }

    /** A model that nothing vouches for: its caller does. Later changes are noticed nevertheless. */
    public static ModelFiles trusted(Path onnx) throws IOException, ModelRefusedException {
        Path file = onnx.toAbsolutePath();
        Path folder = Objects.requireNonNull(file.getParent());
        byte[] graph = Files.readAllBytes(file);
        try {
            Set<String> names = ExternalFiles.of(ModelReader.parse(graph).getGraph());
            names.add(String.valueOf(file.getFileName()));
            return new ModelFiles(file, Sha256.hex(graph), stamps(folder, names));
        } catch (GraphRefusedException e) {
            throw new ModelRefusedException(file.getFileName() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Where the graph lies; weights that it names lie in the same folder. */
    public Path onnx() {
        return onnx;
    }

    /**
     * The graph's file, read and verified again.
     *
     * @throws ModelRefusedException if it has changed
     */
    public byte[] graph() throws IOException, ModelRefusedException {
        byte[] bytes = Files.readAllBytes(onnx);
        if (!Sha256.hex(bytes).equals(sha256)) {
            throw changed();
        }
        return bytes;
    }

    /**
     * Checks that all files still are those that were verified.
     *
     * @throws ModelRefusedException if one was replaced or written to since
     */
    public void requireUnchanged() throws IOException, ModelRefusedException {
        if (!stamps.hold()) {
            throw changed();
        }
    }

    private static ModelRefusedException changed() {
        return new ModelRefusedException("the model's files have changed since they were verified");
    }

    private static FileStamps stamps(Path folder, Set<String> names) throws IOException, ModelRefusedException {
        try {
            return FileStamps.of(folder, names);
        } catch (NoSuchFileException e) {
            throw new ModelRefusedException(
                    "there is no " + Path.of(e.getFile()).getFileName() + " in " + folder, e);
        }
    }
}
