package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnginePoolTest {
    @TempDir
    static Path folder;

    private static Kit kit;

    @BeforeAll
    static void build() throws Exception {
        kit = TestKits.build(TestKits.spec(Task.TEXT_CLASSIFICATION, 2, 8), folder);
    }

    @Test
    void manyThreadsShareTwoEnginesAndEachGetsWhatItWouldGetAlone() throws Exception {
        Set<AdapterWeights> alone = new HashSet<>();
        Set<AdapterWeights> together = new HashSet<>();
        try (EnginePool pool = EnginePool.open(kit, 2, EngineKind.ORT_TRAINING)) {
            for (int device = 0; device < 12; device++) {
                alone.add(trained(pool, device));
            }
            ExecutorService threads = Executors.newFixedThreadPool(12);
            List<Future<AdapterWeights>> running = new ArrayList<>();
            for (int device = 0; device < 12; device++) {
                int seed = device;
                Callable<AdapterWeights> work = () -> trained(pool, seed);
                running.add(threads.submit(work));
            }
            for (Future<AdapterWeights> one : running) {
                together.add(one.get());
            }
            threads.shutdown();
        }
        assertThat(alone).hasSize(12);
        assertThat(together).isEqualTo(alone);
    }

    @Test
    @SuppressWarnings("try") // closing early is what is tested
    void aClosedPoolLendsNothing() throws Exception {
        try (EnginePool pool = EnginePool.open(kit, 1, EngineKind.ORT_TRAINING)) {
            pool.close();
            assertThatIllegalStateException().isThrownBy(() -> pool.use(TrainingEngine::weights));
        }
    }

    @Test
    void anEngineComesBackFromWorkThatFails() throws Exception {
        try (EnginePool pool = EnginePool.open(kit, 1, EngineKind.ORT_TRAINING)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.use(engine -> {
                        throw new IllegalStateException("the work fails");
                    }));
            assertThat(pool.use(TrainingEngine::weights)).isEqualTo(kit.initial());
        }
    }

    private static AdapterWeights trained(EnginePool pool, long seed) throws Exception {
        return pool.use(engine -> {
            engine.load(kit.initial());
            for (int step = 0; step < 3; step++) {
                engine.step(SampleBatches.of(kit.spec(), seed), 1e-2f);
            }
            return engine.weights();
        });
    }
}
