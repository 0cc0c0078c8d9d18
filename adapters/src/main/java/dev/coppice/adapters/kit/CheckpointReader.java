package dev.coppice.adapters.kit;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.FlatTable;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the parameters out of a checkpoint by ONNX Runtime's schema. The format has no checksum, and the native reader
 * follows its offsets wherever they lead; this one stays within the file, and allocates no more than the file has.
 */
final class CheckpointReader {
    private static final int NAME_BYTES_MAX = 1_024;
    private static final int AXES_MAX = 8;

    private CheckpointReader() {}

    /**
     * What a checkpoint holds of a model.
     *
     * @param trained parameters that training changes
     * @param frozen parameters that it leaves alone
     */
    record Parameters(AdapterWeights trained, AdapterWeights frozen) {}

    /** @throws KitRefusedException if the bytes are no checkpoint of float32 parameters */
    static Parameters read(byte[] file) throws KitRefusedException {
        try {
            FlatTable module = FlatTable.root(file, Checkpoint.IDENTIFIER).table(Checkpoint.MODULE);
            if (module.number(Checkpoint.HAS_EXTERNAL_DATA, Byte.BYTES) != 0) {
                throw new KitRefusedException("the checkpoint keeps its values in another file");
            }
            return new Parameters(
                    parameters(module.tables(Checkpoint.TRAINED)), parameters(module.tables(Checkpoint.FROZEN)));
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            throw new KitRefusedException("the checkpoint is damaged", e);
        }
    }

    private static AdapterWeights parameters(List<FlatTable> tensors) throws KitRefusedException {
        Map<String, TensorSpec> specs = new TreeMap<>();
        Map<String, ByteBuffer> values = new TreeMap<>();
        long bytes = 0;
        for (FlatTable tensor : tensors) {
            TensorSpec spec = spec(tensor);
            ByteBuffer raw = tensor.vector(Checkpoint.RAW_DATA, 1);
            bytes += raw.remaining();
            boolean floats = tensor.number(Checkpoint.DATA_TYPE, Integer.BYTES) == Checkpoint.FLOAT;
            if (!floats || raw.remaining() != (long) spec.count() * Float.BYTES || bytes > tensor.fileBytes()) {
                throw new KitRefusedException(
                        "parameter " + spec.name() + " does not hold float32 values of its shape");
            }
            if (specs.put(spec.name(), spec) != null) {
                throw new KitRefusedException("two parameters are named " + spec.name());
            }
            values.put(spec.name(), raw);
        }
        ParameterLayout layout = ParameterLayout.of(List.copyOf(specs.values()));
        float[] flat = new float[layout.count()];
        values.forEach(
                (name, raw) -> raw.asFloatBuffer().get(flat, layout.offset(name), raw.remaining() / Float.BYTES));
        return AdapterWeights.of(layout, flat);
    }

    private static TensorSpec spec(FlatTable tensor) {
        List<Integer> shape = tensor.longs(Checkpoint.DIMS, AXES_MAX).stream()
                .map(Math::toIntExact)
                .toList();
        return new TensorSpec(tensor.text(Checkpoint.NAME, NAME_BYTES_MAX), shape);
    }
}
