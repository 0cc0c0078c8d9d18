package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.inference.ModelExport;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model export}: a model and adapters in, a model's folder out. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes adapters part of a model's weights and writes that as a base model of its own.",
            "With --beside it writes a model that takes the adapter's tensors as inputs, for ONNX Runtime's LoRA support."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model export ./stories --adapter ./falstaff --out ./merged",
            "  coppice model export ./stories --adapter ./falstaff --beside --out ./stories-lora",
        })
final class ModelExportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "the base model's folder")
    private Path folder = Path.of(".");

    @Mixin
    private AdapterOptions adapters = new AdapterOptions();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the new model's folder, new or empty")
    private Path out = Path.of(".");

    @Option(names = "--name", paramLabel = "NAME", description = "of the new model (default: the folder's name)")
    private @Nullable String name;

    @Option(names = "--beside", description = "leave the weights alone and make the adapter's tensors inputs")
    private boolean beside;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        String called =
                name != null ? name : String.valueOf(out.toAbsolutePath().getFileName());
        try (BaseModel model = BaseModel.open(folder)) {
            List<PeftAdapter> given = adapters.read();
            if (given.isEmpty() || (beside && given.size() > 1)) {
                throw new ParameterException(
                        spec.commandLine(), beside ? "--beside takes one --adapter" : "name an --adapter");
            }
            if (beside) {
                ModelExport.beside(model, given.get(0), called, out);
            } else {
                ModelExport.merged(model, adapters.adapters(), called, out);
            }
            try (BaseModel made = BaseModel.open(out)) {
                spec.commandLine().getOut().println(json ? json(made) : "model    " + out);
                spec.commandLine().getOut().flush();
            }
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (ModelRefusedException | FormatRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    private ObjectNode json(BaseModel made) {
        return new ObjectMapper()
                .createObjectNode()
                .put("model", out.toString())
                .put("name", made.config().name())
                .put("sha256", made.sha256());
    }
}
