package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.Task;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plain engine on the runtime that everybody else ships. It has a JVM of its own: both have the same classes. */
class StockRuntimeTest {
    private static final Path RUNTIME = Path.of("target", "stock-runtime", "onnxruntime.jar");
    private static final int STEPS = 50;
    private static final float RATE = 1e-3f;

    /** Of a step: AdamW divides by the gradient's size, so that rounding of a tiny one, by the processor's width, shows. */
    private static final float PART_OF_A_STEP = 0.03f;

    @TempDir
    Path folder;

    @Test
    void theStockRuntimeMakesTheAdapterThatTheTrainingSessionMakes() throws Exception {
        assumeTrue(Files.exists(RUNTIME), "the build puts the stock runtime there");
        List<Kit> kits = new ArrayList<>();
        for (Task task : Task.values()) {
            kits.add(TestKits.build(TestKits.spec(task, 4, 12), folder));
        }
        run(kits.stream().map(Kit::folder).map(Path::toString).toList());
        for (Kit kit : kits) {
            FloatBuffer found = ByteBuffer.wrap(Files.readAllBytes(result(kit))).asFloatBuffer();
            float[] stock = new float[found.remaining()];
            found.get(stock);
            assertThat(stock)
                    .as(kit.spec().task().name())
                    .containsExactly(train(kit, EngineKind.ORT_TRAINING), within(PART_OF_A_STEP * RATE));
        }
    }

    /** In the other JVM: trains the kits in these folders. */
    public static void main(String[] folders) throws Exception {
        for (String folder : folders) {
            Kit kit = Kit.open(Path.of(folder));
            float[] weights = train(kit, EngineKind.PLAIN_SESSION);
            ByteBuffer bytes = ByteBuffer.allocate(weights.length * Float.BYTES);
            bytes.asFloatBuffer().put(weights);
            Files.write(result(kit), bytes.array());
        }
    }

    private static Path result(Kit kit) {
        return kit.folder().resolveSibling(kit.spec().task() + ".result");
    }

    private static float[] train(Kit kit, EngineKind kind) throws EngineException {
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            for (int i = 0; i < STEPS; i++) {
                engine.step(SampleBatches.of(kit.spec(), i), RATE);
            }
            return engine.weights().toArray();
        }
    }

    private void run(List<String> kits) throws Exception {
        Stream<String> ours = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("bytedeco"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath =
                Stream.concat(Stream.of(RUNTIME.toString()), ours).collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED", "-cp", classPath));
        command.add(StockRuntimeTest.class.getName());
        command.addAll(kits);
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        process.destroy();
        assertThat(ended).as(Files.readString(log)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }
}
