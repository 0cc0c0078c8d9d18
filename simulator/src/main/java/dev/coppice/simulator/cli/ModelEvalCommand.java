package dev.coppice.simulator.cli;

import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.inference.Adapter;
import dev.coppice.adapters.inference.AdapterStack;
import dev.coppice.adapters.inference.AdapterTargets;
import dev.coppice.adapters.inference.Classifier;
import dev.coppice.adapters.inference.Labels;
import dev.coppice.adapters.inference.Scorer;
import dev.coppice.adapters.inference.TextScore;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.population.PopulationRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model eval}: how well a model does on texts. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Judges a model, with any number of adapters on top, by texts in JSON lines (text, and for labels: label).",
            "Loss is the mean cross entropy in nats, of tokens or of labels; perplexity is e to that of tokens."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model eval models/pico --data texts.jsonl",
            "  coppice model eval models/pico --data texts.jsonl --task causal-lm --json",
            "  coppice model eval ./stories --data speech.jsonl --adapter ./falstaff",
        })
final class ModelEvalCommand implements Callable<Integer> {
    private static final int BATCH = 16;
    private static final String CAUSAL = "causal-lm";
    private static final String LABELS = "text-classification";

    @Parameters(paramLabel = "FOLDER", description = "the base model's folder")
    private Path folder = Path.of(".");

    @Option(names = "--data", paramLabel = "FILE", required = true, description = "JSON lines, or a folder of texts")
    private Path data = Path.of(".");

    @Mixin
    private AdapterOptions adapters = new AdapterOptions();

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = CAUSAL + " or " + LABELS + " (default: labels, if the texts and the model have some)")
    private @Nullable String task;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the native engine (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(names = "--no-progress", description = "plain lines instead of a live one")
    private boolean noProgress;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean live = Terminal.interactive() && !noProgress;
        Screen screen = new Screen(System.err, live, Terminal.columns(), InstantSource.system());
        try (BaseModel model = BaseModel.open(folder)) {
            List<Adapter> stacked = adapters.adapters();
            List<String> labels = adapters.labels().isEmpty() ? model.config().labels() : adapters.labels();
            Task chosen = task(labels);
            List<Example> examples = Population.examples(data, chosen);
            screen.phase("judging " + model.config().name());
            try (AdapterStack stack = AdapterStack.of(stacked)) {
                AdapterTargets targets = AdapterTargets.of(stacked);
                Answer answer = chosen == Task.CAUSAL_LM
                        ? scored(model, targets, stack, examples, screen)
                        : classified(model, labels, targets, stack, examples, screen);
                screen.close();
                answer.print(spec.commandLine().getOut(), json);
            }
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (ModelRefusedException | FormatRefusedException | EngineException | PopulationRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        } finally {
            screen.close();
        }
    }

    private Task task(List<String> labels) throws IOException {
        String wish = task;
        if (wish == null) {
            return !labels.isEmpty() && Population.hasLabels(data) ? Task.TEXT_CLASSIFICATION : Task.CAUSAL_LM;
        }
        return switch (wish.toLowerCase(Locale.ROOT)) {
            case CAUSAL -> Task.CAUSAL_LM;
            case LABELS -> Task.TEXT_CLASSIFICATION;
            default ->
                throw new ParameterException(
                        spec.commandLine(), "--task is " + LABELS + " or " + CAUSAL + ", not '" + wish + "'");
        };
    }

    private Answer scored(
            BaseModel model, AdapterTargets targets, AdapterStack stack, List<Example> examples, Screen screen)
            throws IOException, EngineException, ModelRefusedException {
        TextScore total = TextScore.NONE;
        try (Scorer scorer = Scorer.open(model, targets, threads)) {
            for (int from = 0; from < examples.size(); from += BATCH) {
                int to = Math.min(examples.size(), from + BATCH);
                List<String> texts =
                        examples.subList(from, to).stream().map(Example::text).toList();
                for (TextScore score : scorer.score(texts, stack)) {
                    total = total.plus(score);
                }
                screen.advance("texts", to, examples.size(), "texts");
            }
        }
        return new Answer()
                .add("texts", examples.size())
                .add("tokens", total.tokens())
                .add("loss", total.meanLoss())
                .add("perplexity", total.perplexity())
                .add("accuracy", total.accuracy());
    }

    private Answer classified(
            BaseModel model,
            List<String> labels,
            AdapterTargets targets,
            AdapterStack stack,
            List<Example> examples,
            Screen screen)
            throws IOException, EngineException, ModelRefusedException {
        List<Example> known = examples.stream()
                .filter(example -> labels.contains(example.label()))
                .toList();
        if (known.isEmpty()) {
            throw new IllegalArgumentException("the model knows none of the labels in " + data);
        }
        double loss = 0;
        int right = 0;
        try (Classifier classifier = Classifier.open(model, labels, targets, threads)) {
            for (int from = 0; from < known.size(); from += BATCH) {
                List<Example> batch = known.subList(from, Math.min(known.size(), from + BATCH));
                List<Labels> found =
                        classifier.classify(batch.stream().map(Example::text).toList(), stack);
                for (int i = 0; i < batch.size(); i++) {
                    String label = batch.get(i).label();
                    loss -= Math.log(Math.max(Float.MIN_VALUE, found.get(i).probability(label)));
                    right += found.get(i).likeliest().equals(label) ? 1 : 0;
                }
                screen.advance("texts", from + batch.size(), known.size(), "texts");
            }
        }
        return new Answer()
                .add("texts", known.size())
                .add("unknownLabels", examples.size() - known.size())
                .add("loss", loss / known.size())
                .add("accuracy", (double) right / known.size());
    }
}
