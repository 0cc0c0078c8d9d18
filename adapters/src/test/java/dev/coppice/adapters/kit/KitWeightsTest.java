package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.crypto.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights beside a kit's graphs. */
class KitWeightsTest {
    private static final LoraSpec LORA = new LoraSpec(2, 4, List.of("q_proj", "v_proj"), Factors.B, 7);
    private static final KitSpec SPEC = new KitSpec(Task.CAUSAL_LM, LORA, List.of(), 2, 6);
    private static final String DATA = "model.onnx.data";

    @TempDir
    Path folder;

    private Path model;
    private Path place;
    private Kit kit;

    @BeforeEach
    void build() throws Exception {
        model = folder.resolve("model.onnx");
        place = folder.resolve("kit");
        TinyDecoder.standard().write(model);
        kit = build(place);
    }

    @Test
    void weightsAreStoredOnceAndOnlyInOneFile() throws Exception {
        WeightsFile weights = kit.weights().get(0);
        assertThat(kit.weights()).hasSize(1);
        assertThat(Files.size(place.resolve(weights.name()))).isEqualTo(weights.bytes());
        assertThat(weights.bytes()).isBetween(Files.size(model) / 2, Files.size(model));
        for (KitFile graph : List.of(KitFile.TRAINING, KitFile.EVAL, KitFile.PLAIN)) {
            assertThat(kit.read(graph).length).as(graph.fileName()).isLessThan(60_000);
        }
    }

    @Test
    void aKitWhoseWeightsAreNotWhatTheManifestNamesIsRefused() throws Exception {
        byte[] whole = Files.readAllBytes(weights());
        byte[] flipped = whole.clone();
        flipped[whole.length / 2] ^= 1;
        List<byte[]> others = List.of(
                new byte[0], Arrays.copyOf(whole, whole.length - 1), Arrays.copyOf(whole, whole.length + 1), flipped);
        for (byte[] other : others) {
            Files.write(weights(), other);
            assertThatThrownBy(() -> Kit.open(place))
                    .isInstanceOf(KitRefusedException.class)
                    .hasMessageContaining(WeightsWriter.OWN);
        }
        Files.delete(weights());
        assertThatThrownBy(() -> Kit.open(place)).isInstanceOf(KitRefusedException.class);
    }

    @Test
    void weightsThatAreReplacedOrWrittenToAfterOpeningAreNoticed() throws Exception {
        kit.requireWeightsUnchanged();
        Path copy = folder.resolve("copy");
        Files.copy(weights(), copy, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(copy, weights(), StandardCopyOption.ATOMIC_MOVE);
        assertThatThrownBy(kit::requireWeightsUnchanged).isInstanceOf(KitRefusedException.class);
        Kit again = Kit.open(place);
        Files.write(weights(), Files.readAllBytes(weights()));
        assertThatThrownBy(again::requireWeightsUnchanged).isInstanceOf(KitRefusedException.class);
    }

    /** Whoever can write the folder can also write a manifest with matching hashes. */
    @Test
    void aGraphThatReachesBeyondItsWeightsIsRefusedThoughItsHashIsListed() throws Exception {
        long end = kit.weights().get(0).bytes();
        for (KitFile file : List.of(KitFile.PLAIN, KitFile.TRAINING)) {
            byte[] whole = kit.read(file);
            assertRefused(file, whole, "offset", offset -> Long.toString(end));
            Files.write(place.resolve(file.fileName()), whole);
        }
        byte[] graph = kit.read(KitFile.EVAL);
        assertRefused(graph, "offset", offset -> Long.toString(end));
        assertRefused(graph, "offset", offset -> "-1");
        assertRefused(graph, "offset", offset -> Long.toString(Long.MAX_VALUE));
        assertRefused(graph, "length", length -> "1");
        assertRefused(graph, "length", length -> Long.toString(Long.MAX_VALUE));
        assertRefused(graph, "location", location -> "initial.f32");
        assertRefused(graph, "location", location -> "../model.onnx");
        assertRefused(graph, "location", location -> "/etc/passwd");
    }

    @Test
    void weightsInOtherPlacesOfAGraphAreRefusedThoughItsHashIsListed() throws Exception {
        TensorProto outside = TensorProto.newBuilder()
                .setName("outside")
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addDims(1)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "/etc/passwd"))
                .addExternalData(entry("length", "4"))
                .build();
        NodeProto constant = NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("outside")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(outside))
                .build();
        byte[] graph = kit.read(KitFile.EVAL);
        assertRefused(graph, model -> model.getGraphBuilder().addNode(constant));
        assertRefused(
                graph,
                model -> model.getGraphBuilder()
                        .addNode(within(GraphProto.newBuilder().addNode(constant))));
        assertRefused(
                graph,
                model -> model.getGraphBuilder()
                        .addNode(within(GraphProto.newBuilder().addInitializer(outside))));
        assertRefused(
                graph,
                model -> model.getGraphBuilder()
                        .addSparseInitializer(SparseTensorProto.newBuilder().setValues(outside)));
        assertRefused(
                graph, model -> model.addFunctions(FunctionProto.newBuilder().addNode(constant)));
    }

    private static NodeProto within(GraphProto.Builder branch) {
        return NodeProto.newBuilder()
                .setOpType("If")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("then_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(branch))
                .build();
    }

    @Test
    void whatTheModelHasInAFileOfItsOwnStaysThere() throws Exception {
        Kit inline = kit;
        moveOut(64);
        Kit linked = build(folder.resolve("linked"));
        assertThat(linked.weights()).extracting(WeightsFile::name).containsExactly("weights." + DATA);
        assertThat(Files.isSameFile(linked.folder().resolve("weights." + DATA), folder.resolve(DATA)))
                .isTrue();
        assertThat(linked.weights()).allMatch(WeightsFile::isOfTheModel);
        assertThat(inline.weights()).noneMatch(WeightsFile::isOfTheModel);
        assertThat(linked.initial()).isEqualTo(inline.initial());
    }

    @Test
    void weightsThatNoMachineCouldReadInPlaceAreCopied() throws Exception {
        moveOut(1);
        assertThat(build(folder.resolve("copied")).weights())
                .extracting(WeightsFile::name)
                .containsExactly("weights");
    }

    @Test
    void equalArgumentsGiveEqualWeights() throws Exception {
        assertThat(build(folder.resolve("again")).weights()).isEqualTo(kit.weights());
    }

    @Test
    void buildingAKitThatIsThereGivesThatKit() throws Exception {
        build(place).requireWeightsUnchanged();
        kit.requireWeightsUnchanged();
    }

    private void assertRefused(byte[] eval, String key, UnaryOperator<String> change) throws Exception {
        assertRefused(KitFile.EVAL, eval, key, change);
    }

    private void assertRefused(KitFile file, byte[] graph, String key, UnaryOperator<String> change) throws Exception {
        assertRefused(file, graph, model -> changeFirst(model, key, change));
    }

    private static void changeFirst(ModelProto.Builder model, String key, UnaryOperator<String> change) {
        TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilderList().stream()
                .filter(t -> t.getDataLocation() == TensorProto.DataLocation.EXTERNAL)
                .findFirst()
                .orElseThrow();
        for (StringStringEntryProto.Builder entry : tensor.getExternalDataBuilderList()) {
            if (entry.getKey().equals(key)) {
                entry.setValue(change.apply(entry.getValue()));
            }
        }
    }

    private void assertRefused(byte[] eval, Consumer<ModelProto.Builder> change) throws Exception {
        assertRefused(KitFile.EVAL, eval, change);
    }

    private void assertRefused(KitFile file, byte[] graph, Consumer<ModelProto.Builder> change) throws Exception {
        ModelProto.Builder changed = ModelProto.parseFrom(graph).toBuilder();
        change.accept(changed);
        Files.write(place.resolve(file.fileName()), changed.build().toByteArray());
        Map<KitFile, String> hashes = new EnumMap<>(KitFile.class);
        for (KitFile listed : KitFile.values()) {
            hashes.put(listed, Sha256.hex(Files.readAllBytes(place.resolve(listed.fileName()))));
        }
        Manifest manifest = new Manifest(
                kit.modelSha256(),
                SPEC,
                kit.layout(),
                kit.frozen().layout().tensors(),
                List.of(),
                hashes,
                kit.weights());
        Files.write(place.resolve(KitFile.MANIFEST), manifest.toJson());
        assertThatThrownBy(() -> Kit.open(place)).isInstanceOf(KitRefusedException.class);
    }

    /** Rewrites the model with its large tensors in a second file, each at a multiple of {@code alignment}, plus 1 if that is 1. */
    private void moveOut(int alignment) throws IOException {
        ModelProto.Builder moved = ModelProto.parseFrom(Files.readAllBytes(model)).toBuilder();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (TensorProto.Builder tensor : moved.getGraphBuilder().getInitializerBuilderList()) {
            if (tensor.getRawData().size() >= 1024) {
                data.write(new byte[Math.floorMod(-data.size(), alignment)]);
                if (alignment == 1) {
                    data.write(new byte[5 - data.size() % 4]);
                }
                tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", DATA))
                        .addExternalData(entry("offset", Integer.toString(data.size())))
                        .addExternalData(entry(
                                "length", Integer.toString(tensor.getRawData().size())));
                data.write(tensor.getRawData().toByteArray());
                tensor.clearRawData();
            }
        }
        Files.write(folder.resolve(DATA), data.toByteArray());
        Files.write(model, moved.build().toByteArray());
    }

    private static StringStringEntryProto.Builder entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
    }

    private Path weights() {
        return place.resolve(WeightsWriter.OWN);
    }

    private Kit build(Path to) throws IOException, KitRefusedException {
        return KitBuilder.build(model, "ab".repeat(32), TinyDecoder.LABELS, SPEC, to);
    }
}
