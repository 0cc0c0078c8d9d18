package dev.coppice.adapters.model.huggingface;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.SafetensorsFile;
import dev.coppice.adapters.model.ModelRefusedException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The safetensors of a model's folder: one file, or several with an index. Values are read row by row. */
final class StoredWeights implements AutoCloseable {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final int FILES_MAX = 1_000;
    /** Values converted at a time. */
    private static final int BLOCK = 1 << 20;

    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, SafetensorsFile> holders = new HashMap<>();
    private final Map<String, TensorSpec> tensors = new HashMap<>();

    private StoredWeights() {}

    /** @throws ModelRefusedException if a file is missing or damaged, or two hold a tensor of one name */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed on every path that does not hand it on
    static StoredWeights open(Path folder) throws IOException, ModelRefusedException {
        StoredWeights weights = new StoredWeights();
        try {
            for (String name : names(folder)) {
                weights.add(folder.resolve(name));
            }
            return weights;
        } catch (IOException | ModelRefusedException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    Set<String> names() {
        return new TreeSet<>(tensors.keySet());
    }

    /** @throws ModelRefusedException if there is no tensor of this name and shape */
    void require(TensorSpec expected) throws ModelRefusedException {
        TensorSpec found = tensors.get(expected.name());
        if (found == null) {
            throw new ModelRefusedException("the weights have no tensor '" + expected.name() + "'");
        }
        if (!found.equals(expected)) {
            throw new ModelRefusedException("the weights have '" + expected.name() + "' as " + found.shape()
                    + " where config.json means " + expected.shape());
        }
    }

    /** Copies all values of a tensor that is there. */
    void copy(TensorSpec tensor, FloatBuffer to) throws IOException {
        for (int from = 0; from < tensor.count(); from += BLOCK) {
            to.put(values(tensor, from, Math.min(BLOCK, tensor.count() - from)));
        }
    }

    /** Copies a matrix [rows, columns] that is there as [columns, rows]. */
    void copyTransposed(TensorSpec matrix, FloatBuffer to) throws IOException {
        int rows = matrix.shape().get(0);
        int columns = matrix.shape().get(1);
        int rowsAtOnce = Math.max(1, BLOCK / columns);
        float[] column = new float[Math.min(rows, rowsAtOnce)];
        for (int from = 0; from < rows; from += rowsAtOnce) {
            int count = Math.min(rowsAtOnce, rows - from);
            float[] block = values(matrix, from * columns, count * columns);
            for (int c = 0; c < columns; c++) {
                for (int r = 0; r < count; r++) {
                    column[r] = block[r * columns + c];
                }
                to.slice(c * rows + from, count).put(column, 0, count);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (SafetensorsFile file : files) {
            file.close();
        }
    }

    private float[] values(TensorSpec tensor, int from, int count) throws IOException {
        SafetensorsFile file = holders.get(tensor.name());
        if (file == null) {
            throw new IllegalArgumentException("there is no tensor " + tensor.name());
        }
        return file.values(tensor.name(), from, count);
    }

    @SuppressWarnings("MustBeClosedChecker") // closed with the others
    private void add(Path path) throws IOException, ModelRefusedException {
        if (!Files.isRegularFile(path)) {
            throw new ModelRefusedException("there is no " + path.getFileName() + " in " + path.getParent());
        }
        try {
            SafetensorsFile file = SafetensorsFile.open(path);
            files.add(file);
            for (TensorSpec tensor : file.tensors()) {
                if (tensors.put(tensor.name(), tensor) != null) {
                    throw new ModelRefusedException("two files of weights have a tensor '" + tensor.name() + "'");
                }
                holders.put(tensor.name(), file);
            }
        } catch (FormatRefusedException e) {
            throw new ModelRefusedException(path.getFileName() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static Set<String> names(Path folder) throws IOException, ModelRefusedException {
        if (!Files.isRegularFile(folder.resolve(INDEX))) {
            return Set.of(SINGLE);
        }
        ConfigJson index = ConfigJson.read(folder.resolve(INDEX));
        ConfigJson map = index.object("weight_map");
        Set<String> files = new TreeSet<>();
        for (String tensor : map.names()) {
            String file = map.textOr(tensor, "");
            index.require(file.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}"), "names a file that lies somewhere else");
            files.add(file);
        }
        index.require(!files.isEmpty() && files.size() <= FILES_MAX, "names no files of weights, or too many");
        return files;
    }
}
