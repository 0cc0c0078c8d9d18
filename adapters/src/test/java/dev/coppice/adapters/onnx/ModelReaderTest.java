package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.TinyDecoder;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelReaderTest {
    @TempDir
    Path folder;

    @Test
    void weightsInASecondFileAreMovedIn() throws Exception {
        ModelProto whole = TinyDecoder.smallest().build();
        TensorProto first = whole.getGraph().getInitializer(0);
        byte[] padded = new byte[8 + first.getRawData().size()];
        first.getRawData().copyTo(padded, 8);
        Files.write(folder.resolve("weights.bin"), padded);
        Path file = write(
                whole, "weights.bin", "8", Integer.toString(first.getRawData().size()));
        assertThat(ModelReader.read(file)).isEqualTo(whole);
    }

    @Test
    void weightsInASubFolderAreMovedIn() throws Exception {
        ModelProto whole = TinyDecoder.smallest().build();
        Files.createDirectory(folder.resolve("data"));
        byte[] values = whole.getGraph().getInitializer(0).getRawData().toByteArray();
        Files.write(folder.resolve("data/weights.bin"), values);
        Path file = write(whole, "data/weights.bin", "0", Integer.toString(values.length));
        assertThat(ModelReader.read(file)).isEqualTo(whole);
    }

    @Test
    void aLinkOutOfTheFolderIsRefused(@TempDir Path elsewhere) throws Exception {
        Path outside = Files.write(elsewhere.resolve("secret.bin"), new byte[16]);
        Files.createSymbolicLink(folder.resolve("weights.bin"), outside);
        Path file = write(TinyDecoder.smallest().build(), "weights.bin", "0", "16");
        assertThatThrownBy(() -> ModelReader.read(file))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("outside the model's folder");
    }

    @ParameterizedTest
    @CsvSource({
        "../weights.bin, 0, 8",
        "data/../../weights.bin, 0, 8",
        "gone.bin, 0, 8",
        "/etc/hostname, 0, 1",
        ".., 0, 0",
        "weights.bin, 0, 17",
        "weights.bin, 16, 1",
        "weights.bin, -1, 4",
        "weights.bin, x, 4",
        "weights.bin, 0, 99999999999"
    })
    void weightsOutsideTheFolderOrTheFileAreRefused(String location, String offset, String length) throws Exception {
        Files.write(folder.resolve("weights.bin"), new byte[16]);
        Path file = write(TinyDecoder.smallest().build(), location, offset, length);
        assertThatThrownBy(() -> ModelReader.read(file)).isInstanceOf(GraphRefusedException.class);
    }

    @Test
    void weightsBesideAModelHideNowhereElseInIt() throws Exception {
        Path file = folder.resolve("model.onnx");
        ModelWriter.write(StoredModel.of(TinyDecoder.standard().build()), file, 1_000);
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        Files.write(folder.resolve("other"), new byte[4]);
        TensorProto outside = TensorProto.newBuilder()
                .setName("outside")
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addDims(1)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "other"))
                .addExternalData(entry("length", "4"))
                .build();
        NodeProto constant = NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("outside")
                .addAttribute(AttributeProto.newBuilder().setName("value").setT(outside))
                .build();
        ModelReader.open(file);
        ModelProto.Builder inNode = model.toBuilder();
        inNode.getGraphBuilder().addNode(constant);
        ModelProto.Builder inFunction = model.toBuilder()
                .addFunctions(FunctionProto.newBuilder().setName("f").addNode(constant));
        for (ModelProto.Builder changed : List.of(inNode, inFunction)) {
            Files.write(file, changed.build().toByteArray());
            assertThatThrownBy(() -> ModelReader.open(file)).isInstanceOf(GraphRefusedException.class);
        }
    }

    /** The input that fuzzing starts from; write it anew if the decoder has changed. */
    @Test
    void fuzzingStartsFromAModel() throws Exception {
        try (InputStream seed =
                ModelReaderTest.class.getResourceAsStream("ModelReaderTestInputs/anyBytesAreAModelOrRefused/decoder")) {
            assertThat(Objects.requireNonNull(seed).readAllBytes())
                    .isEqualTo(TinyDecoder.smallest().build().toByteArray());
        }
    }

    @FuzzTest
    void anyBytesAreAModelOrRefused(byte[] bytes) {
        try {
            assertThat(ModelReader.parse(bytes).getGraph().getOutputCount()).isPositive();
        } catch (GraphRefusedException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    private Path write(ModelProto whole, String location, String offset, String length) throws Exception {
        ModelProto.Builder model = whole.toBuilder();
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", offset))
                .addExternalData(entry("length", length));
        return Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
