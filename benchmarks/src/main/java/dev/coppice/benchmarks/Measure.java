package dev.coppice.benchmarks;

import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.runtime.EngineKind;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of the measurements. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        description = "Measures one thing; prints one line of JSON.")
public final class Measure implements Callable<Integer> {
    /** What is measured. */
    enum What {
        STEP,
        KIT,
        SESSION,
        WRITE,
        QUANTIZE,
        PREPARE,
        TRAIN,
        GENERATE,
        MASK,
        SAMPLER,
        PRIMITIVES
    }

    @Parameters(index = "0", description = "${COMPLETION-CANDIDATES}")
    private What what = What.STEP;

    @Parameters(index = "1", arity = "0..1", description = "of training: ${COMPLETION-CANDIDATES}")
    private Subject subject = Subject.SMALL;

    @Option(names = "--engine", defaultValue = "ORT_TRAINING", description = "default: ${DEFAULT-VALUE}")
    private EngineKind engine = EngineKind.ORT_TRAINING;

    @Option(names = "--tokens", defaultValue = "0", description = "of each row of a step; 0 fills the rows")
    private int tokens = 0;

    @Option(names = "--labels", defaultValue = "0", description = "of the batch of a step; 0 for one at each position")
    private int labels = 0;

    @Option(names = "--recomputation", defaultValue = "AUTOMATIC", description = "default: ${DEFAULT-VALUE}")
    private Recomputation recomputation = Recomputation.AUTOMATIC;

    @Option(names = "--bits", defaultValue = "32", description = "of the model's weights; default: ${DEFAULT-VALUE}")
    private int bits = 32;

    @Option(
            names = "--tokenizer",
            defaultValue = "models/pico/tokenizer.json",
            description = "default: ${DEFAULT-VALUE}")
    private Path tokenizer = Path.of("");

    @Option(names = "--folder", required = true, description = "for models and kits")
    private Path folder = Path.of(".");

    @Override
    public Integer call() throws Exception {
        Measurements measurements = new Measurements(folder);
        MemoryMeasurements memory = new MemoryMeasurements(folder, subject, bits);
        CryptoMeasurements crypto = new CryptoMeasurements();
        new Answer(what.name().toLowerCase(Locale.ROOT))
                .add("subject", subject.name().toLowerCase(Locale.ROOT))
                .addAll(
                        switch (what) {
                            case STEP -> measurements.step(subject, engine, tokens, labels);
                            case KIT -> measurements.kit(subject);
                            case SESSION -> measurements.session(subject, engine);
                            case WRITE -> memory.write(tokenizer);
                            case QUANTIZE -> memory.quantize();
                            case PREPARE -> memory.prepare(recomputation);
                            case TRAIN -> memory.train(recomputation, engine);
                            case GENERATE -> memory.generate();
                            case MASK -> crypto.mask();
                            case SAMPLER -> crypto.sampler();
                            case PRIMITIVES -> crypto.primitives();
                        })
                .print();
        return 0;
    }

    /** Runs one measurement. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Measure())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
