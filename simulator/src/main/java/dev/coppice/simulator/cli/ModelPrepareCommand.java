package dev.coppice.simulator.cli;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.kit.WeightsFile;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model prepare}: a base model in, a training kit out. */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes the kit that an adapter of a base model is trained with: graphs, layout, hashes.",
            "The same model and options give the same kit, to the byte, on every machine."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model prepare models/pico --out ./kit",
            "  coppice model prepare models/pico --out ./kit --task text-classification --labels urgent,later",
            "  coppice model prepare ./stories --out ./kit --rank 16 --targets q_proj,v_proj --length 128 --json"
        })
final class ModelPrepareCommand implements Callable<Integer> {
    private static final String CAUSAL = "causal-lm";
    private static final String MASKED = "masked-lm";
    private static final String LABELS = "text-classification";

    @Parameters(paramLabel = "FOLDER", description = "the base model's folder")
    private Path folder = Path.of(".");

    @Option(names = "--out", paramLabel = "KIT", required = true, description = "the kit's folder")
    private Path out = Path.of(".");

    @Option(
            names = "--task",
            paramLabel = "TASK",
            defaultValue = CAUSAL,
            description = CAUSAL + ", " + MASKED + " or " + LABELS + " (default: ${DEFAULT-VALUE})")
    private String task = CAUSAL;

    @Option(
            names = "--labels",
            paramLabel = "L,...",
            split = ",",
            description = "what texts are classified as (default: what the model knows)")
    private List<String> labels = List.of();

    @Option(names = "--rank", paramLabel = "N", defaultValue = "8", description = "default: ${DEFAULT-VALUE}")
    private int rank;

    @Option(names = "--alpha", paramLabel = "A", defaultValue = "16", description = "default: ${DEFAULT-VALUE}")
    private double alpha;

    @Option(
            names = "--targets",
            paramLabel = "T,...",
            split = ",",
            description = "modules that get an adapter (default: what the model names)")
    private List<String> targets = List.of();

    @Option(
            names = "--factors",
            paramLabel = "F",
            defaultValue = "BOTH",
            description = "${COMPLETION-CANDIDATES}: what is trained (default: ${DEFAULT-VALUE})")
    private Factors factors = Factors.BOTH;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "of the first A factors (default: 1)")
    private long seed;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "8", description = "texts (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "64",
            description = "tokens of a text (default: ${DEFAULT-VALUE})")
    private int length;

    @Option(
            names = "--predicted",
            paramLabel = "N",
            defaultValue = "0",
            description = "tokens to predict in a batch at most; the output layer computes no more (default: all)")
    private int predicted;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(names = "--no-progress", description = "plain lines instead of a live one")
    private boolean noProgress;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        InstantSource clock = InstantSource.system();
        boolean live = Terminal.interactive() && !noProgress;
        Screen screen = new Screen(System.err, live, Terminal.columns(), clock);
        screen.phase("reading " + folder);
        try (BaseModel model = BaseModel.open(folder)) {
            screen.phase("preparing " + out);
            Instant start = clock.instant();
            Kit kit = model.kit(spec(model), out);
            Answer answer = answer(kit, Duration.between(start, clock.instant()));
            screen.close();
            answer.print(spec.commandLine().getOut(), json);
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (ModelRefusedException | KitRefusedException e) {
            screen.close();
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        } finally {
            screen.close();
        }
    }

    private KitSpec spec(BaseModel model) {
        List<String> modules = targets.isEmpty() ? model.config().loraTargets() : targets;
        LoraSpec lora = new LoraSpec(rank, alpha, modules, factors, seed);
        return switch (task.toLowerCase(Locale.ROOT)) {
            case CAUSAL -> language(Task.CAUSAL_LM, lora);
            case MASKED -> language(Task.MASKED_LM, lora);
            case LABELS -> {
                List<String> names = labels.isEmpty() ? model.config().labels() : labels;
                yield new KitSpec(Task.TEXT_CLASSIFICATION, lora, names, batch, length).withPredictedMax(predicted);
            }
            default ->
                throw new IllegalArgumentException(
                        "--task is " + CAUSAL + ", " + MASKED + " or " + LABELS + ", not '" + task + "'");
        };
    }

    private KitSpec language(Task kind, LoraSpec lora) {
        return new KitSpec(kind, lora, List.of(), batch, length).withPredictedMax(predicted);
    }

    private static Answer answer(Kit kit, Duration time) {
        long weights = kit.weights().stream().mapToLong(WeightsFile::bytes).sum();
        long inPlace = kit.weights().stream()
                .filter(WeightsFile::isOfTheModel)
                .mapToLong(WeightsFile::bytes)
                .sum();
        return new Answer()
                .add("sha256", kit.sha256())
                .add("tensors", kit.layout().tensors().size())
                .add("parameters", kit.layout().count())
                .add("weightsBytes", weights)
                .add("weightsBytesOfTheModel", inPlace)
                .add("seconds", time.toMillis() / 1000.0);
    }
}
