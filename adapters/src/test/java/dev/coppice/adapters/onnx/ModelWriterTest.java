package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.TinyDecoder;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose weights are too many for one file, and what is true of them with few. */
class ModelWriterTest {
    private static final ModelProto MODEL = TinyDecoder.standard().build();
    private static final String DATA = "model.onnx.data";

    @TempDir
    Path folder;

    @Test
    void weightsOfALargeModelGoIntoAFileOfPages() throws Exception {
        Path file = folder.resolve("model.onnx");
        assertThat(ModelWriter.write(StoredModel.of(MODEL), file, 1_000)).containsExactly(DATA);
        assertThat(Files.size(file)).isLessThan(60_000);
        StoredModel read = ModelReader.open(file);
        assertThat(values(read)).isEqualTo(values(StoredModel.of(MODEL)));
        for (TensorProto weight : read.proto().getGraph().getInitializerList()) {
            if (StoredModel.isBeside(weight)) {
                assertThat(Protos.place(weight).offset() % 4096).isZero();
                assertThat(weight.hasRawData()).isFalse();
            }
        }
    }

    @Test
    void weightsBesideAModelAreCopiedBesideTheNextOrMovedIn() throws Exception {
        Path file = folder.resolve("model.onnx");
        ModelWriter.write(StoredModel.of(MODEL), file, 1_000);
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        ModelWriter.write(ModelReader.open(file), elsewhere.resolve("model.onnx"), 1_000);
        assertThat(elsewhere.resolve(DATA)).hasSameBinaryContentAs(folder.resolve(DATA));
        assertThat(elsewhere.resolve("model.onnx")).hasSameBinaryContentAs(file);

        Path inside = Files.createDirectory(folder.resolve("inside")).resolve("model.onnx");
        assertThat(ModelWriter.write(ModelReader.open(file), inside)).isEmpty();
        assertThat(values(ModelReader.open(inside))).isEqualTo(values(StoredModel.of(MODEL)));
        assertThat(ModelReader.read(file).getGraph().getInitializerList())
                .allMatch(weight -> !StoredModel.isBeside(weight));
    }

    /** The file is sparse: it takes no more room than its weights. */
    @Test
    void weightsMayLieBeyondTheReachOfAnInt() throws Exception {
        Path file = folder.resolve("model.onnx");
        ModelWriter.write(StoredModel.of(MODEL), file, 1_000);
        moveBack(folder, (1L << 32) + 4096);
        assertThat(values(ModelReader.open(file))).isEqualTo(values(StoredModel.of(MODEL)));
    }

    @Test
    void weightsThatChangedWithTheirGraphGoFirst() throws Exception {
        Path file = folder.resolve("model.onnx");
        ModelWriter.write(StoredModel.of(MODEL), file, 1_000);
        StoredModel read = ModelReader.open(file);
        ModelEditor editor = new ModelEditor(read.proto());
        Tensor changed = Tensor.ofFloats(new float[512 * 64], 512, 64);
        editor.setWeight(Protos.tensor("model.embed_tokens.weight", changed));
        StoredModel merged = read.with(editor.build());
        Path next = Files.createDirectory(folder.resolve("next")).resolve("model.onnx");
        ModelWriter.write(merged, next, 1_000);
        Map<String, Tensor> values = values(ModelReader.open(next));
        assertThat(values.get("model.embed_tokens.weight")).isEqualTo(changed);
        assertThat(values.get("model.norm.weight")).isEqualTo(values(read).get("model.norm.weight"));
    }

    @Test
    void aWeightOfAnotherLengthThanItsShapeSaysIsRefused() throws Exception {
        Path file = folder.resolve("model.onnx");
        ModelWriter.write(StoredModel.of(MODEL), file, 1_000);
        ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
        for (TensorProto.Builder weight : model.getGraphBuilder().getInitializerBuilderList()) {
            if (weight.getName().equals("model.embed_tokens.weight")) {
                weight.setDims(0, 513);
            }
        }
        Files.write(file, model.build().toByteArray());
        assertThatThrownBy(() -> ModelReader.open(file)).isInstanceOf(GraphRefusedException.class);
    }

    /** Moves what lies beside a model further back in its file. */
    static void moveBack(Path folder, long bytes) throws Exception {
        byte[] data = Files.readAllBytes(folder.resolve(DATA));
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve(DATA).toFile(), "rw")) {
            file.setLength(0);
            file.seek(bytes);
            file.write(data);
        }
        Path onnx = folder.resolve("model.onnx");
        ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(onnx)).toBuilder();
        for (TensorProto.Builder weight : model.getGraphBuilder().getInitializerBuilderList()) {
            weight.getExternalDataBuilderList().stream()
                    .filter(entry -> entry.getKey().equals("offset"))
                    .forEach(entry -> entry.setValue(Long.toString(Long.parseLong(entry.getValue()) + bytes)));
        }
        Files.write(onnx, model.build().toByteArray());
    }

    private static Map<String, Tensor> values(StoredModel model) {
        List<TensorProto> weights = model.proto().getGraph().getInitializerList();
        return weights.stream().collect(Collectors.toMap(TensorProto::getName, model::tensor));
    }
}
