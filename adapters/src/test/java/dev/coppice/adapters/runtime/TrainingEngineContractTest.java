package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every engine promises, on the graphs of all tasks. */
class TrainingEngineContractTest {
    private static final int BATCH = 8;
    private static final int LENGTH = 64;
    private static final LoraSpec LORA = new LoraSpec(8, 16, List.of("q_proj", "v_proj"), Factors.B, 7);

    @TempDir
    static Path folder;

    private static Kit kit;

    @BeforeAll
    static void build() throws Exception {
        Path model = folder.resolve("model.onnx");
        TinyDecoder.standard().write(model);
        KitSpec spec = new KitSpec(Task.TEXT_CLASSIFICATION, LORA, TinyDecoder.LABELS, BATCH, LENGTH);
        kit = KitBuilder.build(model, "0".repeat(64), TinyDecoder.LABELS, spec, folder.resolve("kit"));
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void theLossFalls(EngineKind kind) throws Exception {
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            float first = engine.step(SampleBatches.of(kit.spec(), 1), 1e-2f);
            float last = first;
            long start = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                last = engine.step(SampleBatches.of(kit.spec(), 1), 1e-2f);
            }
            System.out.println(kind + " " + first + " -> " + last + " ms/step " + (System.nanoTime() - start) / 1e8);
            assertThat(last).isLessThan(first / 4);
        }
    }
}
