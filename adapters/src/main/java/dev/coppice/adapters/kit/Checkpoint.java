package dev.coppice.adapters.kit;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The checkpoint a training session starts from: a flatbuffer by ONNX Runtime's schema
 * {@code ort_training_checkpoint.fbs}, version 2. The format has no checksum and its native reader trusts it, so that
 * native code is only ever given what {@link #write} makes.
 */
final class Checkpoint {
    static final String IDENTIFIER = "ODTC";
    private static final int VERSION = 2;

    /** Slots of the root table. */
    static final int MODULE = 1;

    private static final int OPTIMIZERS = 2;

    /** Slots of the module's table. */
    static final int TRAINED = 0;

    static final int FROZEN = 1;
    static final int HAS_EXTERNAL_DATA = 3;

    /** Slots of a tensor's table. */
    static final int NAME = 0;

    static final int DIMS = 2;
    static final int DATA_TYPE = 3;
    static final int RAW_DATA = 4;

    /** ONNX's number of float32. */
    static final int FLOAT = 1;

    private Checkpoint() {}

    static byte[] write(AdapterWeights trained) {
        return write(trained, AdapterWeights.of(ParameterLayout.of(List.of()), new float[0]));
    }

    /** @param frozen parameters that the graphs take as inputs although nothing changes them */
    static byte[] write(AdapterWeights trained, AdapterWeights frozen) {
        FlatBufferBuilder builder = new FlatBufferBuilder(1 << 16);
        int changing = tensors(builder, trained);
        int constant = tensors(builder, frozen);
        int optimizers = vector(builder, List.of());
        builder.startTable(4);
        builder.addOffset(TRAINED, changing, 0);
        builder.addOffset(FROZEN, constant, 0);
        int module = builder.endTable();
        builder.startTable(4);
        builder.addInt(0, VERSION, 0);
        builder.addOffset(MODULE, module, 0);
        builder.addOffset(OPTIMIZERS, optimizers, 0);
        builder.finish(builder.endTable(), IDENTIFIER);
        return builder.sizedByteArray();
    }

    private static int tensors(FlatBufferBuilder builder, AdapterWeights weights) {
        List<Integer> tensors = new ArrayList<>();
        for (TensorSpec tensor : weights.layout().tensors()) {
            tensors.add(tensor(builder, tensor, weights.tensor(tensor)));
        }
        return vector(builder, tensors);
    }

    private static int tensor(FlatBufferBuilder builder, TensorSpec spec, float[] values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        int name = builder.createString(spec.name());
        builder.startVector(Long.BYTES, spec.shape().size(), Long.BYTES);
        for (int axis = spec.shape().size() - 1; axis >= 0; axis--) {
            builder.addLong(spec.shape().get(axis));
        }
        int shape = builder.endVector();
        int data = builder.createByteVector(raw.array());
        builder.startTable(7);
        builder.addOffset(NAME, name, 0);
        builder.addOffset(DIMS, shape, 0);
        builder.addInt(DATA_TYPE, FLOAT, 0);
        builder.addOffset(RAW_DATA, data, 0);
        return builder.endTable();
    }

    private static int vector(FlatBufferBuilder builder, List<Integer> offsets) {
        builder.startVector(Integer.BYTES, offsets.size(), Integer.BYTES);
        for (int i = offsets.size() - 1; i >= 0; i--) {
            builder.addOffset(offsets.get(i));
        }
        return builder.endVector();
    }
}
