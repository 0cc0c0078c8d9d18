package dev.coppice.simulator.cli;

import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.inference.Adapter;
import dev.coppice.adapters.inference.AdapterStack;
import dev.coppice.adapters.inference.AdapterTargets;
import dev.coppice.adapters.inference.Generation;
import dev.coppice.adapters.inference.GenerationSettings;
import dev.coppice.adapters.inference.Generator;
import dev.coppice.adapters.inference.Sampling;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.simulator.world.SeededRandomSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model generate}: goes on with a text. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Goes on with a text, piece by piece, with any number of adapters on top of a model.",
            "The new text goes to standard output; how fast it was, to standard error."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model generate models/pico --prompt \"turn the lights\"",
            "  coppice model generate ./stories --prompt \"Once upon a time\" --adapter ./falstaff --max-tokens 200",
            "  coppice model generate ./stories --prompt Zoo --temperature 0.8 --top-p 0.9 --seed 7 --stop \".\"",
        })
final class ModelGenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "the base model's folder")
    private Path folder = Path.of(".");

    @Option(names = "--prompt", paramLabel = "TEXT", required = true, description = "the text to go on with")
    private String prompt = "";

    @Mixin
    private AdapterOptions adapters = new AdapterOptions();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "100",
            description = "new tokens at most (default: ${DEFAULT-VALUE})")
    private int tokensMax;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 always takes the likeliest token, 1 draws as the model says (default: ${DEFAULT-VALUE})")
    private double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "draw from the K likeliest tokens (default: from all)")
    private int topK = Integer.MAX_VALUE;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "draw from as few of the likeliest tokens as have this probability together (default: 1)")
    private double topP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description = "above 1, weakens tokens that are in the text already (default: 1)")
    private double repetitionPenalty;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "of what is drawn (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "end before this text; may be given several times")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the native engine (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--json", description = "print one JSON object at the end instead of the text")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try {
            List<Adapter> stacked = adapters.adapters();
            GenerationSettings settings = settings();
            try (BaseModel model = BaseModel.open(folder);
                    Generator generator = Generator.open(model, AdapterTargets.of(stacked), threads);
                    AdapterStack stack = AdapterStack.of(stacked);
                    Generation text = generator.generate(prompt, stack, settings, SeededRandomSource.of(seed))) {
                if (!generator.remembers()) {
                    spec.commandLine()
                            .getErr()
                            .println("coppice: this model has no cache; it reads the whole text again for each token");
                }
                StopOnInterrupt stop = StopOnInterrupt.of(text);
                try {
                    tell(text);
                } finally {
                    stop.over();
                }
            }
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (ModelRefusedException | FormatRefusedException | EngineException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    private GenerationSettings settings() {
        return new GenerationSettings(new Sampling(temperature, topK, topP, repetitionPenalty), tokensMax, stops);
    }

    private void tell(Generation text) throws EngineException {
        PrintWriter out = spec.commandLine().getOut();
        StringBuilder whole = new StringBuilder();
        GenerationClock clock = new GenerationClock(text);
        for (Optional<String> piece = text.next(); piece.isPresent(); piece = text.next()) {
            clock.tick();
            whole.append(piece.get());
            if (!json) {
                out.print(piece.get());
                out.flush();
            }
        }
        clock.tick();
        if (json) {
            out.println(clock.json(whole.toString()));
        } else {
            out.println();
            spec.commandLine().getErr().println("coppice: " + clock.summary());
        }
        out.flush();
    }
}
