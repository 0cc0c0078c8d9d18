package dev.coppice.simulator.cli;

import dev.coppice.adapters.Folders;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.population.PopulationRefusedException;
import dev.coppice.simulator.pretraining.Corpus;
import dev.coppice.simulator.pretraining.HeldOutFigures;
import dev.coppice.simulator.pretraining.ModelCard;
import dev.coppice.simulator.pretraining.Pretraining;
import dev.coppice.simulator.pretraining.PretrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice model pretrain}: texts in, a base model's folder out. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Trains a small decoder and its tokenizer from nothing: all weights, next tokens and labels at once.",
            "Writes model.onnx, tokenizer.json, coppice-model.json and a card (README.md) to a folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model pretrain --generated --seed 1 --out models/pico   the model that is shipped",
            "  coppice model pretrain --text texts.jsonl --out ./mine          from your own labelled texts",
            "  coppice model pretrain --text books/ --steps 10000 --width 128 --out ./mine   one text file per author",
        })
final class ModelPretrainCommand implements Callable<Integer> {
    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Source source;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "draws made-up people, first weights and the order of texts (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the model's folder")
    private Path out = Path.of(".");

    @Option(names = "--name", paramLabel = "NAME", description = "of the model (default: the folder's name)")
    private @Nullable String name;

    @Option(names = "--steps", paramLabel = "N", description = "training steps (default: " + STEPS + ")")
    private int steps = STEPS;

    @Option(names = "--width", paramLabel = "N", description = "width of hidden states (default: " + WIDTH + ")")
    private int width = WIDTH;

    @Option(names = "--layers", paramLabel = "N", description = "decoder layers (default: " + LAYERS + ")")
    private int layers = LAYERS;

    @Option(names = "--vocabulary", paramLabel = "N", description = "tokens at most (default: " + VOCABULARY + ")")
    private int vocabulary = VOCABULARY;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "tokens of a text in training (default: " + LENGTH + ")")
    private int length = LENGTH;

    @Option(names = "--no-progress", description = "plain lines instead of a live one")
    private boolean noProgress;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private static final int STEPS = 1_500;
    private static final int WIDTH = 64;
    private static final int LAYERS = 2;
    private static final int VOCABULARY = 768;
    private static final int LENGTH = 16;
    private static final int PEOPLE = 3_000;

    /** Where the texts come from. */
    private static final class Source {
        @Option(names = "--generated", required = true, description = "made-up people who speak to an assistant")
        private boolean generated;

        @Option(
                names = "--text",
                required = true,
                paramLabel = "PATH",
                description = "JSON lines with text and, if you have it, label; or a folder of text files")
        private @Nullable Path text;
    }

    @Override
    public Integer call() throws IOException {
        Screen screen = new Screen(
                System.out, Terminal.interactive() && !noProgress, Terminal.columns(), InstantSource.system());
        Path work = Files.createTempDirectory("coppice-pretrain-");
        try {
            Corpus corpus = corpus();
            PretrainingSettings settings = settings();
            HeldOutFigures figures = new Pretraining(corpus, settings, screen).run(out, work);
            ModelCard.write(out, command(), corpus, settings, figures);
            screen.close();
            System.out.println(figures);
            System.out.println("model    " + out);
            return 0;
        } catch (PopulationRefusedException | ModelRefusedException | KitRefusedException | EngineException e) {
            screen.close();
            System.err.println("coppice: " + e.getMessage());
            return 1;
        } finally {
            Folders.delete(work);
        }
    }

    private Corpus corpus() throws IOException, PopulationRefusedException {
        Path text = source.text;
        return Corpus.of(
                source.generated || text == null ? Population.general(seed, PEOPLE) : Population.read(text, seed));
    }

    private PretrainingSettings settings() {
        PretrainingSettings usual = PretrainingSettings.pico(seed);
        try {
            return new PretrainingSettings(
                    name != null ? name : String.valueOf(out.toAbsolutePath().getFileName()),
                    seed,
                    vocabulary,
                    width,
                    usual.heads(),
                    layers,
                    Math.max(usual.lengthMax(), length),
                    usual.batch(),
                    length,
                    steps,
                    usual.learningRate());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private String command() {
        List<String> arguments = spec.commandLine().getParseResult().originalArgs();
        return "./coppice " + String.join(" ", arguments);
    }
}
