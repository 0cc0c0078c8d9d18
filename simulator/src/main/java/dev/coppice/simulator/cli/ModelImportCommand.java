package dev.coppice.simulator.cli;

import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.huggingface.ModelImport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice model import}: a model as transformers saved it in, a base model's folder out. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a base model of one that Hugging Face's transformers saved.",
            "Reads config.json (types llama, mistral, qwen2, phi3) with model.safetensors, or several files and their index."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model import --weights ./SmolLM-135M --out models/smol",
            "  coppice model import --weights stories260K/hf --tokenizer tok512.bin --out models/stories",
            "  coppice model import --weights ./Llama-3.2-1B --length 4096 --out models/llama --json"
        })
final class ModelImportCommand implements Callable<Integer> {
    @Option(names = "--weights", paramLabel = "DIR", required = true, description = "folder with config.json")
    private Path weights = Path.of(".");

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "a tokenizer.json, or a tokenizer of llama2.c (default: tokenizer.json in the folder)")
    private @Nullable Path tokenizer;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the base model's folder")
    private Path out = Path.of(".");

    @Option(names = "--name", paramLabel = "NAME", description = "of the model (default: the folder's name)")
    private @Nullable String name;

    @Option(
            names = "--length",
            paramLabel = "N",
            description =
                    "longest text in tokens, if the model has none shorter (default: " + ModelImport.LENGTH_USUAL + ")")
    private int length = ModelImport.LENGTH_USUAL;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (length < 2) {
            throw new ParameterException(spec.commandLine(), "a text has at least 2 tokens");
        }
        try {
            answer(new ModelImport(
                                    weights,
                                    tokenizer == null ? weights.resolve("tokenizer.json") : tokenizer,
                                    name != null
                                            ? name
                                            : String.valueOf(
                                                    out.toAbsolutePath().getFileName()),
                                    length)
                            .into(out))
                    .print(spec.commandLine().getOut(), json);
            return 0;
        } catch (ModelRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    private Answer answer(ModelImport.Result model) {
        return new Answer()
                .add("model", out.toString())
                .add("name", model.name())
                .add("parameters", model.parameters())
                .add("vocabularySize", (long) model.vocabularySize())
                .add("lengthMax", (long) model.lengthMax())
                .add("sha256", model.sha256());
    }
}
