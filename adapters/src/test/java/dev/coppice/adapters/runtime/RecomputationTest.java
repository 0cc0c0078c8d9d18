package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that shares equal calls would undo recomputation without a word: only its memory tells. */
class RecomputationTest {
    private static final Path STATUS = Path.of("/proc/self/status");

    @TempDir
    Path folder;

    @Test
    void computingTheForwardPassAgainSavesMemoryAndChangesNoBit() throws Exception {
        assumeTrue(Files.isReadable(STATUS), "resident memory is read from /proc");
        DecoderShape shape = DecoderShape.plain(new Sizes(512, 128, 8, 384, 128), 4, 0);
        Path model = folder.resolve("model.onnx");
        DecoderBuilder.build(shape, WeightSource.of(shape, DecoderWeights.initial(shape, 1)))
                .write(model);
        KitSpec spec = TestKits.spec(Task.CAUSAL_LM, 4, 128);
        Trained again = train(model, spec, Recomputation.ALWAYS);
        Trained kept = train(model, spec, Recomputation.NEVER);
        assertThat(again.weights()).isEqualTo(kept.weights());
        assertThat(again.kib()).isLessThan(kept.kib() * 7 / 10);
    }

    private record Trained(AdapterWeights weights, long kib) {}

    private Trained train(Path model, KitSpec spec, Recomputation recomputation) throws Exception {
        Kit kit = KitBuilder.build(
                model, "0".repeat(64), List.of(), spec, recomputation, folder.resolve(recomputation.name()));
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            long before = residentKib();
            engine.step(SampleBatches.of(spec, 1), 1e-3f);
            engine.step(SampleBatches.of(spec, 2), 1e-3f);
            return new Trained(engine.weights(), residentKib() - before);
        }
    }

    private static long residentKib() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("RssAnon")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no RssAnon in " + STATUS);
    }
}
