package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads model files, those with weights in further files included. Files are mapped: weights come into memory when
 * they are read, page by page, and a model may be larger than 2 GB (only a single tensor may not). The files must not
 * change while the model is in use.
 */
public final class ModelReader {
    private ModelReader() {}

    /**
     * Reads a model whose weights may lie in other files of its folder.
     *
     * @throws GraphRefusedException if the file is not an ONNX model, or names weights outside its own folder
     */
    public static ModelProto read(Path file) throws IOException {
        ModelProto.Builder model = parse(mapped(file)).toBuilder();
        ExternalData external = new ExternalData(file);
        for (TensorProto.Builder tensor : model.getGraphBuilder().getInitializerBuilderList()) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                external.moveIn(tensor);
            }
        }
        return model.build();
    }

    /**
     * Reads a model without the weights that lie in other files: {@link #tensor(TensorProto, Path)} reads those one by one.
     *
     * @throws GraphRefusedException if the file is not an ONNX model
     */
    public static ModelProto readGraph(Path file) throws IOException {
        return parse(mapped(file));
    }

    /**
     * Reads a model whose weights are all inside.
     *
     * @throws GraphRefusedException if the bytes are not an ONNX model
     */
    public static ModelProto parse(byte[] bytes) {
        return parse(UnsafeByteOperations.unsafeWrap(bytes));
    }

    private static ModelProto parse(ByteString bytes) {
        try {
            CodedInputStream in = bytes.newCodedInput();
            in.enableAliasing(true); // weights stay where they are
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

    private static ByteString mapped(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new GraphRefusedException(
                        "an ONNX file of more than 2 GB does not exist: its weights have to be" + " external data");
            }
            return UnsafeByteOperations.unsafeWrap(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        }
    }

    /**
     * A constant that may lie beside its model.
     *
     * @param model the model's file
     * @throws GraphRefusedException as {@link #read}
     */
    public static Tensor tensor(TensorProto proto, Path model) throws IOException {
        if (proto.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
            return tensor(proto);
        }
        TensorProto.Builder inside = proto.toBuilder();
        new ExternalData(model).moveIn(inside);
        return tensor(inside.build());
    }

    /** A constant as ONNX stores it: raw bytes or, for small ones, typed lists. */
    public static Tensor tensor(TensorProto proto) {
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            throw new GraphRefusedException("tensor " + proto.getName() + " lies in a file that was not given");
        }
        ElementType type = ElementType.ofCode(proto.getDataType());
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        if (!proto.hasRawData()) {
            return listed(proto, type, shape);
        }
        Tensor tensor = Tensor.ofBytes(type, shape, proto.getRawData());
        return proto.getExternalDataCount() == 0 ? tensor : tensor.at(Protos.place(proto));
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
