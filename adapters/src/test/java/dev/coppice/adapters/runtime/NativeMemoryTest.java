package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loose by intent: it finds a tensor leaked in every step or a session leaked in every opening, nothing subtler. */
class NativeMemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long GROWTH_KIB_MAX = 48 * 1024;
    /** 20 in thorough builds: 1,000 sessions and 20,000 steps. */
    private static final int SOAK = Integer.getInteger("soak", 1);

    private static final int ATTEMPTS = 4;

    @TempDir
    static Path folder;

    /** A heap grows once, when its blocks fit nowhere; a leak grows each time: the least growth of several tells. */
    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void memoryDoesNotGrowWithStepsOrOpenings(EngineKind kind) throws Exception {
        assumeTrue(Files.isReadable(STATUS), "resident memory is read from /proc");
        Kit kit = TestKits.build(TestKits.spec(Task.CAUSAL_LM, 2, 16), folder);
        openAndClose(kit, kind, 5);
        work(kit, kind, 100);
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least >= GROWTH_KIB_MAX; attempt++) {
            long before = residentKib();
            openAndClose(kit, kind, 50 * SOAK);
            work(kit, kind, 1_000 * SOAK);
            least = Math.min(least, residentKib() - before);
        }
        assertThat(least).isLessThan(GROWTH_KIB_MAX);
    }

    private static void work(Kit kit, EngineKind kind, int steps) throws Exception {
        Batch batch = SampleBatches.of(kit.spec(), 1);
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            for (int i = 0; i < steps; i++) {
                engine.step(batch, 1e-3f);
                engine.score(batch);
                engine.load(kit.initial());
            }
        }
    }

    private static void openAndClose(Kit kit, EngineKind kind, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            try (TrainingEngine engine = Engines.open(kit, kind)) {
                engine.weights();
            }
        }
    }

    private static long residentKib() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmRSS")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS in " + STATUS);
    }
}
