package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads model files, those with weights in further files included. Such weights are mapped: they come into memory when
 * they are read, page by page, and a model may be larger than 2 GB (only a single tensor may not).
 */
public final class ModelReader {
    private ModelReader() {}

    /**
     * Opens a model whose weights may lie in other files of its folder; those are mapped.
     *
     * @throws GraphRefusedException if the file is not an ONNX model, or wants weights that are not in its own folder, or
     *     anything else that lies beside it
     */
    public static StoredModel open(Path file) throws IOException {
        if (Files.size(file) > Integer.MAX_VALUE) {
            throw new GraphRefusedException(
                    "an ONNX file of more than 2 GB does not exist: its weights have to be external data");
        }
        return open(Files.readAllBytes(file), file);
    }

    /**
     * As {@link #open(Path)}, of a file that was read already.
     *
     * @param bytes all of it
     * @param file where it lies
     */
    public static StoredModel open(byte[] bytes, Path file) throws IOException {
        ModelProto.Builder model = parse(bytes).toBuilder();
        ExternalData external = new ExternalData(file);
        Map<String, Tensor> beside = new HashMap<>();
        GraphProto.Builder graph = model.getGraphBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            TensorProto tensor = graph.getInitializer(i);
            if (StoredModel.isBeside(tensor)) {
                Tensor mapped = external.mapped(tensor);
                graph.setInitializer(
                        i,
                        mapped.place()
                                .map(place -> Protos.tensor(tensor.getName(), mapped.type(), mapped.shape(), place))
                                .orElseThrow());
                beside.put(tensor.getName(), mapped);
            }
        }
        ModelProto checked = model.build();
        new ExternalCheck(external.files()).check(checked);
        return new StoredModel(checked, beside);
    }

    /** Reads a model and all of its weights into memory, for models that are small. See {@link #open}. */
    public static ModelProto read(Path file) throws IOException {
        StoredModel stored = open(file);
        ModelProto.Builder model = stored.proto().toBuilder();
        GraphProto.Builder graph = model.getGraphBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            TensorProto tensor = graph.getInitializer(i);
            if (StoredModel.isBeside(tensor)) {
                graph.setInitializer(i, Protos.tensor(tensor.getName(), stored.tensor(tensor)));
            }
        }
        return model.build();
    }

    /**
     * Reads a model whose weights are all inside.
     *
     * @throws GraphRefusedException if the bytes are not an ONNX model
     */
    public static ModelProto parse(byte[] bytes) {
        try {
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            in.enableAliasing(true); // weights inside are not copied once more
            in.setSizeLimit(Integer.MAX_VALUE);
            ModelProto model = ModelProto.parseFrom(in);
            in.checkLastTagWas(0);
            if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
                throw new GraphRefusedException("the file holds no graph");
            }
            return model;
        } catch (InvalidProtocolBufferException e) {
            throw new GraphRefusedException("the file is not an ONNX model", e);
        } catch (IOException e) {
            throw new GraphRefusedException("the model cannot be read", e);
        }
    }

    /** A constant as ONNX stores it: raw bytes or, for small ones, typed lists. */
    public static Tensor tensor(TensorProto proto) {
        if (StoredModel.isBeside(proto)) {
            throw new GraphRefusedException("tensor " + proto.getName() + " lies in a file that was not given");
        }
        ElementType type = ElementType.ofCode(proto.getDataType());
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        if (!proto.hasRawData()) {
            return listed(proto, type, shape);
        }
        return Tensor.ofData(type, proto.getRawData().asReadOnlyByteBuffer(), shape);
    }

    private static Tensor listed(TensorProto proto, ElementType type, long[] shape) {
        return switch (type) {
            case FLOAT -> {
                float[] values = new float[proto.getFloatDataCount()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = proto.getFloatData(i);
                }
                yield Tensor.ofFloats(values, shape);
            }
            case DOUBLE ->
                Tensor.ofDoubles(
                        proto.getDoubleDataList().stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray(),
                        shape);
            case INT64 ->
                Tensor.ofLongs(
                        proto.getInt64DataList().stream()
                                .mapToLong(Long::longValue)
                                .toArray(),
                        shape);
            case INT32, INT8, UINT8, BOOL ->
                Tensor.ofLongs(
                        type,
                        proto.getInt32DataList().stream()
                                .mapToLong(Integer::longValue)
                                .toArray(),
                        shape);
            case FLOAT16, BFLOAT16 -> halves(type, proto.getInt32DataList(), shape);
            case INT4, UINT4 -> throw new GraphRefusedException(type + " values that are not raw data");
        };
    }

    /** Patterns of 16 bits, each in a number of its own. */
    private static Tensor halves(ElementType type, List<Integer> patterns, long[] shape) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * patterns.size()).order(ByteOrder.LITTLE_ENDIAN);
        patterns.forEach(pattern -> bytes.putShort(pattern.shortValue()));
        return Tensor.ofData(type, bytes.flip(), shape);
    }
}
