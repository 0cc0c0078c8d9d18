package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads model files, those with weights in a second file included. */
public final class ModelReader {
    private ModelReader() {}

    /**
     * Reads a model and moves external weights into it.
     *
     * @throws GraphRefusedException if the file is not an ONNX model, or names a weight file outside its own folder
     */
    public static ModelProto read(Path file) throws IOException {
        ModelProto.Builder model = parse(Files.readAllBytes(file)).toBuilder();
        for (TensorProto.Builder tensor : model.getGraphBuilder().getInitializerBuilderList()) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                inline(tensor, file);
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
            CodedInputStream in = CodedInputStream.newInstance(bytes);
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
        ElementType type = ElementType.ofCode(proto.getDataType());
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        if (proto.hasRawData()) {
            Tensor tensor = Tensor.ofBytes(type, shape, proto.getRawData());
            return proto.getExternalDataCount() == 0 ? tensor : tensor.at(Protos.place(proto));
        }
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
            case INT32, BOOL ->
                Tensor.ofLongs(
                        type,
                        proto.getInt32DataList().stream()
                                .mapToLong(Integer::longValue)
                                .toArray(),
                        shape);
        };
    }

    private static void inline(TensorProto.Builder tensor, Path model) throws IOException {
        String location = entry(tensor, "location", "");
        Path name = Path.of(location).getFileName();
        if (name == null || !name.toString().equals(location) || location.equals("..")) {
            throw new GraphRefusedException("weights outside the model's folder");
        }
        try (FileChannel channel = FileChannel.open(model.resolveSibling(name))) {
            long offset = Long.parseLong(entry(tensor, "offset", "0"));
            long length = Long.parseLong(entry(tensor, "length", Long.toString(channel.size() - offset)));
            if (offset < 0 || length < 0 || length > channel.size() - offset) {
                throw new GraphRefusedException("weights beyond the end of their file");
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
            tensor.setRawData(ByteString.copyFrom(bytes.flip()));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new GraphRefusedException("a weight's place in its file is not a number", e);
        }
        tensor.clearDataLocation(); // but external data goes on telling where the values came from
    }

    private static String entry(TensorProto.Builder tensor, String key, String otherwise) {
        List<ai.onnx.proto.OnnxMl.StringStringEntryProto> entries = tensor.getExternalDataList();
        return entries.stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(entry -> entry.getValue())
                .findFirst()
                .orElse(otherwise);
    }
}
