package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ExternalCheck;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A folder of training artifacts as ONNX Runtime's own generator writes them: {@code training_model.onnx},
 * {@code eval_model.onnx}, {@code optimizer_model.onnx}, {@code checkpoint}. They carry no hashes, so that everything is
 * read once, checked against each other, and kept: native code gets what was checked, and the checkpoint as this code
 * writes it. Immutable and thread-safe.
 */
public final class OrtArtifacts implements TrainingFiles {
    private static final long BYTES_MAX = 1L << 30;
    private static final List<KitFile> FILES =
            List.of(KitFile.TRAINING, KitFile.EVAL, KitFile.OPTIMIZER, KitFile.CHECKPOINT);

    private final Path folder;
    private final Map<KitFile, byte[]> contents;
    private final Map<String, TensorType> fed;
    private final List<TensorSpec> trained;
    private final AdapterWeights initial;

    private OrtArtifacts(
            Path folder,
            Map<KitFile, byte[]> contents,
            Map<String, TensorType> fed,
            List<TensorSpec> trained,
            AdapterWeights initial) {
        this.folder = folder;
        this.contents = contents;
        this.fed = fed;
        this.trained = trained;
        this.initial = initial;
    }

    /**
     * Opens a set of artifacts. Models with weights beside them are refused.
     *
     * @param axes sizes of the axes that the graphs leave open, by the names they have there
     * @throws KitRefusedException if a file is missing or damaged, or the parameters of the checkpoint are not those of
     *     the graphs, in name and shape
     */
    public static OrtArtifacts open(Path folder, Map<String, Long> axes) throws IOException, KitRefusedException {
        Map<KitFile, byte[]> contents = new EnumMap<>(KitFile.class);
        for (KitFile file : FILES) {
            contents.put(file, bytes(folder.resolve(file.fileName())));
        }
        CheckpointReader.Parameters parameters = CheckpointReader.read(content(contents, KitFile.CHECKPOINT));
        contents.put(KitFile.CHECKPOINT, Checkpoint.write(parameters.trained(), parameters.frozen()));
        try {
            List<ValueInfoProto> training = inputs(contents, KitFile.TRAINING);
            List<TensorSpec> trained = trained(training);
            Set<TensorSpec> all = new HashSet<>(trained);
            require(
                    all.equals(Set.copyOf(parameters.trained().layout().tensors())),
                    "the checkpoint does not hold the parameters that the training graph trains");
            all.addAll(parameters.frozen().layout().tensors());
            Map<String, TensorType> fed = fed(training, all, axes);
            List<ValueInfoProto> eval = inputs(contents, KitFile.EVAL);
            require(fed(eval, all, axes).equals(fed), "the eval graph is fed otherwise than the training graph");
            inputs(contents, KitFile.OPTIMIZER);
            return new OrtArtifacts(folder, contents, fed, trained, parameters.trained());
        } catch (GraphRefusedException | ArithmeticException | IllegalArgumentException e) {
            throw new KitRefusedException("training artifacts are refused: " + e.getMessage(), e);
        }
    }

    @Override
    public Map<String, TensorType> fed() {
        return fed;
    }

    @Override
    public List<TensorSpec> trained() {
        return trained;
    }

    /** What training starts from. */
    public AdapterWeights initial() {
        return initial;
    }

    @Override
    public byte[] read(KitFile file) throws KitRefusedException {
        return content(contents, file).clone();
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public void requireWeightsUnchanged() {}

    /** Every parameter that has a buffer for its gradient, with the shape that both must have. */
    private static List<TensorSpec> trained(List<ValueInfoProto> inputs) throws KitRefusedException {
        Map<String, ValueInfoProto> byName = new LinkedHashMap<>();
        inputs.forEach(input -> byName.put(input.getName(), input));
        List<TensorSpec> trained = new ArrayList<>();
        for (ValueInfoProto input : inputs) {
            ValueInfoProto buffer = byName.get(input.getName() + Accumulation.BUFFER);
            if (buffer != null) {
                TensorType type = type(input, Map.of());
                require(type.equals(type(buffer, Map.of())), input.getName() + " and its gradient differ in shape");
                trained.add(spec(input.getName(), type));
            }
        }
        return List.copyOf(trained);
    }

    /** The inputs that are left: neither parameters, nor buffers, nor the flag that resets these. */
    private static Map<String, TensorType> fed(
            List<ValueInfoProto> inputs, Set<TensorSpec> parameters, Map<String, Long> axes)
            throws KitRefusedException {
        Map<String, TensorType> fed = new LinkedHashMap<>();
        Set<TensorSpec> missing = new HashSet<>(parameters);
        for (ValueInfoProto input : inputs) {
            String name = input.getName();
            boolean parameter = parameters.stream().anyMatch(spec -> spec.name().equals(name));
            if (parameter) {
                TensorSpec found = spec(name, type(input, Map.of()));
                require(missing.remove(found), name + " has another shape in the graph than in the checkpoint");
            } else if (!name.endsWith(Accumulation.BUFFER) && !name.equals(Accumulation.RESET)) {
                fed.put(name, type(input, axes));
            }
        }
        require(missing.isEmpty(), "a graph does not take every parameter of the checkpoint");
        return Collections.unmodifiableMap(fed);
    }

    private static List<ValueInfoProto> inputs(Map<KitFile, byte[]> contents, KitFile file) throws KitRefusedException {
        ModelProto model = ModelReader.parse(content(contents, file));
        new ExternalCheck(Map.of()).check(model);
        return model.getGraph().getInputList();
    }

    private static TensorSpec spec(String name, TensorType type) throws KitRefusedException {
        require(type.element() == ElementType.FLOAT, name + " is a parameter but not float32");
        List<Integer> shape = new ArrayList<>();
        for (long size : type.shape()) {
            shape.add(Math.toIntExact(size));
        }
        return new TensorSpec(name, shape);
    }

    private static TensorType type(ValueInfoProto input, Map<String, Long> axes) {
        List<Dimension> dims = input.getType().getTensorType().getShape().getDimList();
        long[] shape = new long[dims.size()];
        for (int axis = 0; axis < shape.length; axis++) {
            Dimension dim = dims.get(axis);
            Long size = dim.hasDimValue() ? (Long) dim.getDimValue() : axes.get(dim.getDimParam());
            if (size == null) {
                throw new GraphRefusedException(
                        "axis '" + dim.getDimParam() + "' of input " + input.getName() + " has no size");
            }
            shape[axis] = size;
        }
        return TensorType.of(ElementType.ofCode(input.getType().getTensorType().getElemType()), shape);
    }

    private static byte[] content(Map<KitFile, byte[]> contents, KitFile file) throws KitRefusedException {
        byte[] bytes = contents.get(file);
        if (bytes == null) {
            throw new KitRefusedException("training artifacts have no " + file.fileName());
        }
        return bytes;
    }

    private static byte[] bytes(Path file) throws IOException, KitRefusedException {
        require(
                Files.isRegularFile(file) && Files.size(file) <= BYTES_MAX,
                file.getFileName() + " is missing or too large");
        return Files.readAllBytes(file);
    }

    private static void require(boolean fits, String otherwise) throws KitRefusedException {
        if (!fits) {
            throw new KitRefusedException(otherwise);
        }
    }
}
