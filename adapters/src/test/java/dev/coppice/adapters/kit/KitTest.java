package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KitTest {
    private static final LoraSpec LORA = new LoraSpec(2, 4, List.of("q_proj", "v_proj"), Factors.B, 7);
    private static final KitSpec SPEC = new KitSpec(Task.TEXT_CLASSIFICATION, LORA, TinyDecoder.LABELS, 2, 6);

    @TempDir
    Path folder;

    private Path model;
    private Path place;

    @BeforeEach
    void build() throws Exception {
        model = folder.resolve("model.onnx");
        place = folder.resolve("kit");
        TinyDecoder.smallest().write(model);
        build(SPEC, place);
    }

    @Test
    void anOpenedKitIsTheOneThatWasBuilt() throws Exception {
        Kit kit = Kit.open(place);
        assertThat(kit.spec()).isEqualTo(SPEC);
        assertThat(kit.modelSha256()).isEqualTo("ab".repeat(32));
        assertThat(kit.layout().tensors())
                .containsExactly(
                        spec("model.layers.0.self_attn.q_proj.lora_B.weight", 8, 2),
                        spec("model.layers.0.self_attn.v_proj.lora_B.weight", 8, 2),
                        spec("score.weight", 3, 8));
        assertThat(kit.frozen().layout().tensors())
                .containsExactly(
                        spec("model.layers.0.self_attn.q_proj.lora_A.weight", 2, 8),
                        spec("model.layers.0.self_attn.v_proj.lora_A.weight", 2, 8));
        assertThat(kit.frozen().toArray()).doesNotContain(0f);
        assertThat(kit.sha256()).hasSize(64);
    }

    @Test
    void equalArgumentsGiveEqualBytes() throws Exception {
        Kit again = build(SPEC, folder.resolve("again"));
        assertThat(again.sha256()).isEqualTo(Kit.open(place).sha256());
        for (Path file : files(place)) {
            assertThat(again.folder().resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
    }

    @Test
    void anotherSeedGivesAnotherKit() throws Exception {
        LoraSpec lora = new LoraSpec(2, 4, LORA.targets(), Factors.B, 8);
        KitSpec spec = new KitSpec(SPEC.task(), lora, SPEC.labels(), 2, 6);
        assertThat(build(spec, folder.resolve("other")).sha256())
                .isNotEqualTo(Kit.open(place).sha256());
    }

    @Test
    void theModelsOwnLabelsStartFromItsHeadAndOthersFromZero() throws Exception {
        Kit own = Kit.open(place);
        TensorSpec head = spec("score.weight", 3, 8);
        assertThat(own.initial().tensor(head)).doesNotContain(0f);
        KitSpec spec = new KitSpec(SPEC.task(), LORA, List.of("red", "green", "blue"), 2, 6);
        assertThat(build(spec, folder.resolve("other")).initial().tensor(head)).containsOnly(0f);
    }

    @Test
    void theFrozenFactorsInTheGraphAreThoseOfTheSeed() throws Exception {
        Kit kit = Kit.open(place);
        float[] frozen = kit.frozen().toArray();
        byte[] first = new byte[32];
        ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(frozen, 0, 8);
        String graph = new String(kit.read(KitFile.TRAINING), StandardCharsets.ISO_8859_1);
        assertThat(graph).contains(new String(first, StandardCharsets.ISO_8859_1));
    }

    static Stream<String> fileNames() {
        return Stream.concat(Stream.of(KitFile.values()).map(KitFile::fileName), Stream.of(KitFile.MANIFEST));
    }

    @ParameterizedTest
    @MethodSource("fileNames")
    void aFileThatWasCutShortIsRefused(String name) throws Exception {
        byte[] whole = Files.readAllBytes(place.resolve(name));
        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
            Files.write(place.resolve(name), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Kit.open(place)).isInstanceOf(KitRefusedException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("fileNames")
    void aFileWithAFlippedBitIsRefusedOrIsAnotherKit(String name) throws Exception {
        String sha256 = Kit.open(place).sha256();
        byte[] whole = Files.readAllBytes(place.resolve(name));
        for (int i = 0; i < 64; i++) {
            byte[] flipped = whole.clone();
            flipped[(int) ((long) whole.length * i / 64)] ^= (byte) (1 << i % 8);
            Files.write(place.resolve(name), flipped);
            assertThat(opened()).isNotEqualTo(sha256);
        }
    }

    @ParameterizedTest
    @MethodSource("fileNames")
    void aMissingFileIsRefused(String name) throws Exception {
        Files.delete(place.resolve(name));
        assertThatThrownBy(() -> Kit.open(place)).isInstanceOf(KitRefusedException.class);
    }

    /** Whoever can write the folder can also write a manifest with matching hashes. */
    @Test
    void aCheckpointThatDoesNotFitIsRefusedThoughItsHashIsListed() throws Exception {
        Kit kit = Kit.open(place);
        List<TensorSpec> larger = new ArrayList<>(kit.layout().tensors());
        larger.set(0, spec(larger.get(0).name(), 800, 2));
        ParameterLayout layout = ParameterLayout.of(larger);
        byte[] checkpoint = Checkpoint.write(AdapterWeights.of(layout, new float[layout.count()]));
        rewrite(kit, KitFile.CHECKPOINT, checkpoint, kit.layout());
        assertThatThrownBy(() -> Kit.open(place))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("checkpoint");
    }

    @Test
    void aLayoutThatTheGraphsDoNotHaveIsRefusedThoughEverythingElseAgrees() throws Exception {
        Kit kit = Kit.open(place);
        List<TensorSpec> larger = new ArrayList<>(kit.layout().tensors());
        larger.set(0, spec(larger.get(0).name(), 2, 8));
        ParameterLayout layout = ParameterLayout.of(larger);
        byte[] checkpoint =
                Checkpoint.write(AdapterWeights.of(layout, kit.initial().toArray()));
        rewrite(kit, KitFile.CHECKPOINT, checkpoint, layout);
        assertThatThrownBy(() -> Kit.open(place))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("inputs");
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "EVAL", "TRAINING"})
    void aGraphThatIsFedOtherwiseIsRefusedThoughItsHashIsListed(KitFile graph) throws Exception {
        Kit kit = Kit.open(place);
        ModelProto.Builder other = ModelProto.parseFrom(kit.read(graph)).toBuilder();
        other.getGraphBuilder().removeInput(0);
        rewrite(kit, graph, other.build().toByteArray(), kit.layout());
        assertThatThrownBy(() -> Kit.open(place))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining(graph.fileName());
    }

    @Test
    void initialWeightsOfAnotherLengthAreRefusedThoughTheirHashIsListed() throws Exception {
        Kit kit = Kit.open(place);
        byte[] initial = kit.read(KitFile.INITIAL);
        for (int length : new int[] {0, initial.length - 1, initial.length + Float.BYTES}) {
            rewrite(kit, KitFile.INITIAL, Arrays.copyOf(initial, length), kit.layout());
            assertThatThrownBy(() -> Kit.open(place))
                    .isInstanceOf(KitRefusedException.class)
                    .hasMessageContaining("initial weights");
        }
    }

    @Test
    void aFileChangedAfterOpeningIsRefusedWhenItIsRead() throws Exception {
        Kit kit = Kit.open(place);
        Files.write(place.resolve(KitFile.TRAINING.fileName()), new byte[10]);
        assertThatThrownBy(() -> kit.read(KitFile.TRAINING)).isInstanceOf(KitRefusedException.class);
    }

    @Test
    void buildingReplacesABrokenKitAndLeavesNothingElseBehind() throws Exception {
        String sha256 = Kit.open(place).sha256();
        Files.write(place.resolve(KitFile.PLAIN.fileName()), new byte[10]);
        Files.writeString(place.resolve("stray"), "x");
        Kit built = build(SPEC, place);
        assertThat(built.sha256()).isEqualTo(sha256);
        assertThat(files(place))
                .hasSize(KitFile.values().length + built.weights().size() + 1);
        assertThat(files(folder)).containsExactlyInAnyOrder(model, place);
    }

    @Test
    void aRefusedSpecLeavesNothingBehind() throws Exception {
        LoraSpec lora = new LoraSpec(2, 4, List.of("q_proj", "query_key_value"), Factors.B, 7);
        KitSpec spec = new KitSpec(SPEC.task(), lora, SPEC.labels(), 2, 6);
        assertThatThrownBy(() -> build(spec, folder.resolve("other")))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("query_key_value");
        assertThat(files(folder)).containsExactlyInAnyOrder(model, place);
    }

    @Test
    void whatIsNoModelIsRefused() throws Exception {
        byte[] bytes = Files.readAllBytes(model);
        for (int length : new int[] {0, 1, 100, bytes.length / 2, bytes.length - 1}) {
            Files.write(model, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> build(SPEC, folder.resolve("other"))).isInstanceOf(KitRefusedException.class);
        }
    }

    private String opened() throws IOException {
        try {
            return Kit.open(place).sha256();
        } catch (KitRefusedException e) {
            return "refused";
        }
    }

    private void rewrite(Kit kit, KitFile changed, byte[] bytes, ParameterLayout layout) throws Exception {
        Files.write(place.resolve(changed.fileName()), bytes);
        Map<KitFile, String> hashes = new EnumMap<>(KitFile.class);
        for (KitFile file : KitFile.values()) {
            hashes.put(file, Sha256.hex(Files.readAllBytes(place.resolve(file.fileName()))));
        }
        Manifest manifest = new Manifest(
                kit.modelSha256(),
                kit.spec(),
                layout,
                kit.frozen().layout().tensors(),
                List.of(),
                hashes,
                kit.weights());
        Files.write(place.resolve(KitFile.MANIFEST), manifest.toJson());
    }

    private Kit build(KitSpec spec, Path to) throws IOException, KitRefusedException {
        return KitBuilder.build(model, "ab".repeat(32), TinyDecoder.LABELS, spec, to);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted(Comparator.naturalOrder()).toList();
        }
    }

    private static TensorSpec spec(String name, Integer... shape) {
        return new TensorSpec(name, List.of(shape));
    }
}
