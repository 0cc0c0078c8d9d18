package dev.coppice.benchmarks;

import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.inference.AdapterStack;
import dev.coppice.adapters.inference.AdapterTargets;
import dev.coppice.adapters.inference.Generation;
import dev.coppice.adapters.inference.GenerationSettings;
import dev.coppice.adapters.inference.Generator;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.quantize.ModelQuantizer;
import dev.coppice.adapters.quantize.QuantizeRefusedException;
import dev.coppice.adapters.quantize.QuantizeReport;
import dev.coppice.adapters.quantize.QuantizeSpec;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the stages of a model's life take of memory. Each is measured in a process of its own, which must not remember
 * the stage before: {@code peakMiB} is the most that was ever resident, mapped files and the virtual machine included.
 */
final class MemoryMeasurements {
    private static final float RATE = 1e-3f;
    private static final int BLOCK = 32;
    private static final int TOKENS = 16;

    private final Path folder;
    private final Subject subject;
    private final int bits;

    /**
     * @param folder for models and kits
     * @param bits of the model's weights: 32, or those that it was quantised to
     */
    MemoryMeasurements(Path folder, Subject subject, int bits) {
        this.folder = folder;
        this.subject = subject;
        this.bits = bits;
    }

    /** Writes the float32 model that all else begins with. */
    Map<String, Object> write(Path tokenizer) throws IOException {
        subject.write(model(Float.SIZE), tokenizer);
        return Measurements.figures("peakMiB", ProcessMemory.peak());
    }

    Map<String, Object> quantize() throws IOException, ModelRefusedException, QuantizeRefusedException {
        CpuTime time = new CpuTime();
        try (BaseModel model = BaseModel.open(model(Float.SIZE))) {
            QuantizeReport report =
                    new ModelQuantizer(new QuantizeSpec(bits, BLOCK, false, false)).quantize(model, model(bits));
            return Measurements.figures(
                    "bytesBefore",
                    (double) report.bytesBefore(),
                    "bytesAfter",
                    (double) report.bytesAfter(),
                    "cpuMs",
                    time.milliseconds(),
                    "peakMiB",
                    ProcessMemory.peak());
        }
    }

    Map<String, Object> prepare(Recomputation recomputation) throws IOException, KitRefusedException {
        CpuTime time = new CpuTime();
        Subject.kit(model(bits).resolve(BaseModel.ONNX), subject.spec(), recomputation, kit(recomputation));
        return Measurements.figures("cpuMs", time.milliseconds(), "peakMiB", ProcessMemory.peak());
    }

    /** Opens a session and trains with it; {@code openMiB} and {@code stepMiB} are memory of the process alone. */
    Map<String, Object> train(Recomputation recomputation, EngineKind kind)
            throws IOException, KitRefusedException, EngineException {
        Kit kit = Kit.open(kit(recomputation));
        double start = ProcessMemory.own();
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            double opened = ProcessMemory.own();
            Batch batch = Subject.batch(kit.spec());
            double loss = engine.step(batch, RATE);
            CpuTime time = new CpuTime();
            double next = engine.step(batch, RATE);
            return Measurements.figures(
                    "openMiB",
                    opened - start,
                    "stepMiB",
                    ProcessMemory.own() - opened,
                    "peakMiB",
                    ProcessMemory.peak(),
                    "cpuMsAStep",
                    time.milliseconds(),
                    "loss",
                    loss,
                    "nextLoss",
                    next);
        }
    }

    /** Opens the model and goes on with a text. */
    Map<String, Object> generate() throws IOException, ModelRefusedException, EngineException {
        try (BaseModel model = BaseModel.open(model(bits))) {
            double start = ProcessMemory.own();
            try (Generator generator = Generator.open(model, AdapterTargets.none(), 1);
                    AdapterStack none = AdapterStack.of(List.of())) {
                double opened = ProcessMemory.own();
                CpuTime time = new CpuTime();
                try (Generation text = generator.generate(
                        new int[] {1, 2, 3, 4}, none, GenerationSettings.greedy(TOKENS), RandomSource.secure())) {
                    while (text.next().isPresent()) {
                        // the pieces themselves mean nothing: weights are random
                    }
                }
                return Measurements.figures(
                        "openMiB",
                        opened - start,
                        "generateMiB",
                        ProcessMemory.own() - opened,
                        "peakMiB",
                        ProcessMemory.peak(),
                        "cpuMs",
                        time.milliseconds());
            }
        }
    }

    private Path model(int ofBits) {
        return folder.resolve(subject + "-" + ofBits);
    }

    private Path kit(Recomputation recomputation) {
        return folder.resolve(subject + "-" + bits + "-" + recomputation);
    }
}
