package dev.coppice.simulator.cli;

import dev.coppice.adapters.Folders;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelConfig;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.quantize.ModelQuantizer;
import dev.coppice.adapters.quantize.QuantizeRefusedException;
import dev.coppice.adapters.quantize.QuantizeReport;
import dev.coppice.adapters.quantize.QuantizeSpec;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.population.PopulationRefusedException;
import dev.coppice.simulator.pretraining.Corpus;
import dev.coppice.simulator.pretraining.HeldOutFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model quantize}: a base model in, the same with small weights out. */
@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Rounds the frozen matrices of a base model to 8 or 4 bits; adapters are trained on top in float32 (QLoRA).",
            "Embeddings, norms, biases and the product that makes the logits stay as they are.",
            "Prints the size of all weights and the loss on texts, before and after."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model quantize models/pico --bits 8 --out ./pico-int8",
            "  coppice model quantize ./llama --bits 4 --block 64 --data texts.jsonl --out ./llama-int4 --json",
            "  coppice model quantize ./llama --bits 4 --no-loss --out ./llama-int4"
        })
final class ModelQuantizeCommand implements Callable<Integer> {
    private static final int TEXTS_MAX = 400;
    private static final int PEOPLE = 100;

    @Parameters(paramLabel = "FOLDER", description = "the base model's folder")
    private Path folder = Path.of(".");

    @Option(
            names = "--bits",
            paramLabel = "N",
            required = true,
            description = "8 (a scale for each output) or 4 (a scale for each block)")
    private int bits;

    @Option(
            names = "--block",
            paramLabel = "N",
            defaultValue = "32",
            description = "weights of a block of 4 bits: 16, 32, 64, 128 or 256 (default: ${DEFAULT-VALUE})")
    private int block;

    @Option(names = "--symmetric", description = "0 is the middle of each range: smaller and less exact")
    private boolean symmetric;

    @Option(names = "--head", description = "the product that makes the logits, too")
    private boolean head;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the new model's folder")
    private Path out = Path.of(".");

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "texts to measure the loss on: JSON lines or a folder (default: made-up ones)")
    private @Nullable Path data;

    @Option(names = "--no-loss", description = "do not measure the loss")
    private boolean noLoss;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try (BaseModel model = BaseModel.open(folder)) {
            QuantizeReport report = new ModelQuantizer(quantizeSpec()).quantize(model, out);
            Answer answer = new Answer()
                    .add("products", report.products())
                    .add("bytesBefore", report.bytesBefore())
                    .add("bytesAfter", report.bytesAfter())
                    .add("share", (double) report.bytesAfter() / report.bytesBefore());
            if (!noLoss && model.config().tasks().contains(ModelConfig.CAUSAL_LM)) {
                addLosses(answer, model);
            }
            answer.print(spec.commandLine().getOut(), json);
            return 0;
        } catch (ModelRefusedException
                | QuantizeRefusedException
                | KitRefusedException
                | EngineException
                | GraphRefusedException
                | PopulationRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    private QuantizeSpec quantizeSpec() {
        try {
            return new QuantizeSpec(bits, block, symmetric, head);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void addLosses(Answer answer, BaseModel before)
            throws IOException, ModelRefusedException, KitRefusedException, EngineException,
                    PopulationRefusedException {
        Path texts = data;
        List<Example> heldOut = Corpus.of(texts == null ? Population.general(1, PEOPLE) : Population.read(texts, 1))
                .heldOut();
        List<Example> some = heldOut.subList(0, Math.min(TEXTS_MAX, heldOut.size()));
        Path work = Files.createTempDirectory("coppice-quantize-");
        try (BaseModel after = BaseModel.open(out)) {
            double lossBefore = HeldOutFigures.ofTokens(before, some, work.resolve("before"))
                    .tokenLoss();
            double lossAfter =
                    HeldOutFigures.ofTokens(after, some, work.resolve("after")).tokenLoss();
            answer.add("lossBefore", lossBefore).add("lossAfter", lossAfter).add("lossChange", lossAfter - lossBefore);
        } finally {
            Folders.delete(work);
        }
    }
}
