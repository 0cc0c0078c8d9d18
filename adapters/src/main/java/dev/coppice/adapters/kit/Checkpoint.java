package dev.coppice.adapters.kit;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The checkpoint a training session starts from: a flatbuffer by ONNX Runtime's schema
 * {@code ort_training_checkpoint.fbs}, version 2, with trainable parameters only. The format has no checksum and its
 * native reader trusts it, so that bytes from outside are accepted only if they are exactly what {@link #write} gives.
 */
final class Checkpoint {
    private static final String IDENTIFIER = "ODTC";
    private static final int VERSION = 2;
    private static final int FLOAT = 1;

    private Checkpoint() {}

    static byte[] write(AdapterWeights weights) {
        FlatBufferBuilder builder = new FlatBufferBuilder(1 << 16);
        List<Integer> tensors = new ArrayList<>();
        for (TensorSpec tensor : weights.layout().tensors()) {
            tensors.add(tensor(builder, tensor, weights.tensor(tensor)));
        }
        int trained = vector(builder, tensors);
        int frozen = vector(builder, List.of());
        int optimizers = vector(builder, List.of());
        builder.startTable(4);
        builder.addOffset(0, trained, 0);
        builder.addOffset(1, frozen, 0);
        int module = builder.endTable();
        builder.startTable(4);
        builder.addInt(0, VERSION, 0);
        builder.addOffset(1, module, 0);
        builder.addOffset(2, optimizers, 0);
        builder.finish(builder.endTable(), IDENTIFIER);
        return builder.sizedByteArray();
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
        builder.addOffset(0, name, 0);
        builder.addOffset(2, shape, 0);
        builder.addInt(3, FLOAT, 0);
        builder.addOffset(4, data, 0);
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
