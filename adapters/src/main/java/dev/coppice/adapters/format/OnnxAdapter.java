package dev.coppice.adapters.format;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An adapter in ONNX Runtime's own file, {@code .onnx_adapter}: named tensors that a run feeds to inputs of the same
 * names. A flatbuffer by ONNX Runtime's {@code adapter_schema.fbs}, format version 1. Its exporter names tensors as PEFT
 * saves them, unscaled.
 *
 * @param weights tensors by the names in the file
 * @param adapterVersion what the writer says; nothing here depends on it
 * @param modelVersion likewise
 */
public record OnnxAdapter(AdapterWeights weights, int adapterVersion, int modelVersion) {
    private static final String IDENTIFIER = "TORT";
    private static final int FORMAT_VERSION = 1;
    /** Slots of the root table. */
    private static final int FORMAT = 0;

    private static final int ADAPTER = 1;
    private static final int MODEL = 2;
    private static final int PARAMETERS = 3;
    /** Slots of a parameter's table. */
    private static final int NAME = 0;

    private static final int DIMS = 1;
    private static final int DATA_TYPE = 2;
    private static final int RAW_DATA = 3;
    private static final Map<Integer, StoredType> TYPES =
            Map.of(1, StoredType.F32, 10, StoredType.F16, 16, StoredType.BF16);
    private static final int FLOAT = 1;
    private static final int ALIGNMENT = 8;
    private static final int NAME_BYTES_MAX = 1_024;
    private static final int AXES_MAX = 8;

    /** A PEFT adapter's tensors as ONNX Runtime's exporter writes them: with PEFT's prefix, unscaled, versions 1. */
    public static OnnxAdapter of(PeftAdapter adapter) {
        return new OnnxAdapter(LoraTensors.renamed(adapter.weights(), PeftAdapter.PREFIX::concat), 1, 1);
    }

    /**
     * This adapter as PEFT has it; the file does not say what the configuration does.
     *
     * @throws FormatRefusedException if the tensors are not named as PEFT names them, or do not fit the configuration
     */
    public PeftAdapter toPeft(PeftConfig config) throws FormatRefusedException {
        UnaryOperator<String> plain =
                name -> name.startsWith(PeftAdapter.PREFIX) ? name.substring(PeftAdapter.PREFIX.length()) : name;
        try {
            return PeftAdapter.of(config, LoraTensors.renamed(weights, plain));
        } catch (IllegalArgumentException e) {
            throw new FormatRefusedException("an .onnx_adapter file has tensors that PEFT cannot have", e);
        }
    }

    /**
     * The adapter in a file, float16 and bfloat16 as float32.
     *
     * @throws FormatRefusedException if the file is damaged, too large or of another version, naming the parameter
     */
    public static OnnxAdapter read(byte[] file) throws FormatRefusedException {
        check(file.length <= Safetensors.BYTES_MAX, "has more than " + Safetensors.BYTES_MAX + " bytes");
        try {
            FlatTable root = FlatTable.root(file, IDENTIFIER);
            int version = root.number(FORMAT, Integer.BYTES);
            check(version == FORMAT_VERSION, "has format version " + version + ", not " + FORMAT_VERSION);
            return new OnnxAdapter(
                    weights(root.tables(PARAMETERS), file.length),
                    root.number(ADAPTER, Integer.BYTES),
                    root.number(MODEL, Integer.BYTES));
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            throw new FormatRefusedException("an .onnx_adapter file is damaged: " + e.getMessage(), e);
        }
    }

    /** The adapter as a file's bytes, float32; equal adapters give equal bytes. */
    public byte[] write() {
        FlatBufferBuilder builder = new FlatBufferBuilder(1 << 16);
        List<TensorSpec> tensors = weights.layout().tensors();
        int[] parameters = new int[tensors.size()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = write(builder, tensors.get(i));
        }
        builder.startVector(Integer.BYTES, parameters.length, Integer.BYTES);
        for (int i = parameters.length - 1; i >= 0; i--) {
            builder.addOffset(parameters[i]);
        }
        int vector = builder.endVector();
        builder.startTable(PARAMETERS + 1);
        builder.addInt(FORMAT, FORMAT_VERSION, 0);
        builder.addInt(ADAPTER, adapterVersion, 0);
        builder.addInt(MODEL, modelVersion, 0);
        builder.addOffset(PARAMETERS, vector, 0);
        builder.finish(builder.endTable(), IDENTIFIER);
        return builder.sizedByteArray();
    }

    private int write(FlatBufferBuilder builder, TensorSpec tensor) {
        int name = builder.createString(tensor.name());
        builder.startVector(Long.BYTES, tensor.shape().size(), Long.BYTES);
        for (int axis = tensor.shape().size() - 1; axis >= 0; axis--) {
            builder.addLong(tensor.shape().get(axis));
        }
        int dims = builder.endVector();
        ByteBuffer raw = builder.createUnintializedVector(1, tensor.count() * Float.BYTES, ALIGNMENT);
        raw.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(weights.tensor(tensor));
        int data = builder.endVector();
        builder.startTable(RAW_DATA + 1);
        builder.addOffset(NAME, name, 0);
        builder.addOffset(DIMS, dims, 0);
        builder.addInt(DATA_TYPE, FLOAT, 0);
        builder.addOffset(RAW_DATA, data, 0);
        return builder.endTable();
    }

    private static AdapterWeights weights(List<FlatTable> parameters, int fileBytes) throws FormatRefusedException {
        Map<String, float[]> values = new HashMap<>();
        List<TensorSpec> tensors = new ArrayList<>();
        long bytes = 0;
        for (FlatTable parameter : parameters) {
            List<Integer> shape = parameter.longs(DIMS, AXES_MAX).stream()
                    .map(Math::toIntExact)
                    .toList();
            TensorSpec tensor = new TensorSpec(parameter.text(NAME, NAME_BYTES_MAX), shape);
            StoredType type = TYPES.get(parameter.number(DATA_TYPE, Integer.BYTES));
            if (type == null) {
                throw refusal("has parameter '" + tensor.name() + "' of a type that is no float");
            }
            ByteBuffer raw = parameter.vector(RAW_DATA, 1);
            bytes += raw.remaining();
            boolean fits = raw.remaining() == (long) tensor.count() * type.bytes();
            check(fits, "has parameter '" + tensor.name() + "' whose shape and bytes differ");
            check(bytes <= fileBytes, "has parameters that share their bytes");
            check(values.put(tensor.name(), values(tensor, type, raw)) == null, "has '" + tensor.name() + "' twice");
            tensors.add(tensor);
        }
        ParameterLayout layout = ParameterLayout.of(tensors);
        float[] flat = new float[layout.count()];
        values.forEach((name, part) -> System.arraycopy(part, 0, flat, layout.offset(name), part.length));
        return AdapterWeights.of(layout, flat);
    }

    private static float[] values(TensorSpec tensor, StoredType type, ByteBuffer raw) throws FormatRefusedException {
        float[] values = new float[tensor.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.next(raw);
            check(Float.isFinite(values[i]), "has a value in '" + tensor.name() + "' that is not finite");
        }
        return values;
    }

    private static void check(boolean fits, String problem) throws FormatRefusedException {
        if (!fits) {
            throw refusal(problem);
        }
    }

    private static FormatRefusedException refusal(String problem) {
        return new FormatRefusedException("an .onnx_adapter file " + problem);
    }
}
