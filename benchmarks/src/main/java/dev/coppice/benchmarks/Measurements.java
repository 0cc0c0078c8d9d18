package dev.coppice.benchmarks;

import ai.onnxruntime.OrtException;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The measurements. Each gives its figures by name, units last. */
final class Measurements {
    private static final int SAMPLES = 7;
    private static final float RATE = 1e-3f;

    private final Path folder;

    /** @param folder for models and kits */
    Measurements(Path folder) {
        this.folder = folder;
    }

    /**
     * CPU time of a training step, and its share of what the core could do, sample by sample against the same peak.
     *
     * @param tokens that are no padding, in each row, of which the share knows nothing; 0 fills the rows
     * @param labels of a batch, which the kit makes room for, and the share knows nothing of; 0 for one at each position
     */
    Map<String, Object> step(Subject subject, EngineKind kind, int tokens, int labels)
            throws IOException, KitRefusedException, EngineException, OrtException {
        Path onnx = subject.write(folder.resolve(subject.name()));
        KitSpec spec = subject.spec().withPredictedMax(labels);
        Kit kit = Subject.kit(onnx, spec, Recomputation.AUTOMATIC, folder.resolve(subject + "-step"));
        Batch batch = Subject.batch(kit.spec(), tokens == 0 ? kit.spec().length() : tokens);
        List<Double> times = new ArrayList<>();
        List<Double> peaks = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        try (TrainingEngine engine = Engines.open(kit, kind);
                GemmPeak peak = new GemmPeak()) {
            int steps = steps(engine, batch);
            for (int sample = 0; sample < SAMPLES; sample++) {
                peaks.add(peak.gigaflopsASecond());
                CpuTime time = new CpuTime();
                run(engine, batch, steps);
                times.add(time.milliseconds() / steps);
                shares.add(100e3 * subject.gigaflopsAStep() / times.get(sample) / peaks.get(sample));
            }
        }
        return figures(
                "cpuMsAStep", median(times),
                "cpuMsAStepBest", Collections.min(times),
                "peakGigaflops", median(peaks),
                "shareOfPeakPercent", median(shares));
    }

    /** Making a kit, again and again: the first time includes starting up. */
    Map<String, Object> kit(Subject subject) throws IOException, KitRefusedException {
        Path onnx = subject.write(folder.resolve(subject.name()));
        List<Double> times = new ArrayList<>();
        for (int sample = 0; sample < SAMPLES; sample++) {
            CpuTime time = new CpuTime();
            Subject.kit(onnx, subject.spec(), Recomputation.AUTOMATIC, folder.resolve("kit-" + sample));
            times.add(time.milliseconds());
        }
        return figures("cpuMsFirst", times.get(0), "cpuMs", median(times));
    }

    /** Opening one more session, and handing a session over from one adapter to another. */
    Map<String, Object> session(Subject subject, EngineKind kind)
            throws IOException, KitRefusedException, EngineException {
        Kit kit = kit(subject, Recomputation.AUTOMATIC);
        Batch batch = Subject.batch(kit.spec());
        List<Double> times = new ArrayList<>();
        List<Double> memory = new ArrayList<>();
        List<TrainingEngine> open = new ArrayList<>();
        try {
            for (int sample = 0; sample < 2 * SAMPLES; sample++) {
                double before = ProcessMemory.own();
                CpuTime time = new CpuTime();
                open.add(open(kit, kind));
                times.add(time.milliseconds());
                run(open.get(sample), batch, 2);
                memory.add(ProcessMemory.own() - before);
            }
            int resets = 2_000;
            reset(open.get(0), kit, resets);
            CpuTime time = new CpuTime();
            reset(open.get(0), kit, resets);
            return figures(
                    "openCpuMs", median(times.subList(SAMPLES, 2 * SAMPLES)),
                    "sessionMiB", median(memory.subList(SAMPLES, 2 * SAMPLES)),
                    "resetCpuMs", time.milliseconds() / resets);
        } finally {
            open.forEach(TrainingEngine::close);
        }
    }

    private Kit kit(Subject subject, Recomputation recomputation) throws IOException, KitRefusedException {
        Path onnx = subject.write(folder.resolve(subject.name()));
        KitSpec spec = subject.spec();
        return Subject.kit(onnx, spec, recomputation, folder.resolve(subject + "-" + recomputation));
    }

    @SuppressWarnings("MustBeClosedChecker") // the caller closes all that are open
    private static TrainingEngine open(Kit kit, EngineKind kind) throws EngineException {
        return Engines.open(kit, kind);
    }

    /** Steps that take about half a second, after a warm-up. */
    private static int steps(TrainingEngine engine, Batch batch) throws EngineException {
        run(engine, batch, 5);
        CpuTime time = new CpuTime();
        run(engine, batch, 5);
        return (int) Math.max(5, 2_500 / time.milliseconds());
    }

    private static void run(TrainingEngine engine, Batch batch, int steps) throws EngineException {
        for (int i = 0; i < steps; i++) {
            engine.step(batch, RATE);
        }
    }

    private static void reset(TrainingEngine engine, Kit kit, int times) throws EngineException {
        for (int i = 0; i < times; i++) {
            engine.load(kit.initial());
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    static Map<String, Object> figures(Object... namesAndValues) {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            figures.put((String) namesAndValues[i], Math.round(1_000 * (double) namesAndValues[i + 1]) / 1_000.0);
        }
        return figures;
    }
}
