package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.ModelInspection;
import dev.coppice.adapters.onnx.GraphRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model inspect}: what a model file is, and whether adapters can be trained on it. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what an ONNX model is, which modules LoRA can attach to, and whether a training kit can be made.",
            "Exit code 0 if one can, 1 if not."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model inspect models/pico              a base model's folder",
            "  coppice model inspect decoder.onnx --json      any exported file"
        })
final class ModelInspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "an ONNX file, or a folder with model.onnx")
    private Path file = Path.of(".");

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try {
            ModelInspection found = ModelInspection.of(onnx(file));
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(json(found));
            } else {
                print(found, out);
            }
            out.flush();
            return found.refusal().isPresent() ? 1 : 0;
        } catch (GraphRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + file + ": " + e.getMessage());
            return 1;
        }
    }

    /** The model file of a folder, or the file itself. */
    static Path onnx(Path file) {
        return Files.isDirectory(file) ? file.resolve("model.onnx") : file;
    }

    private static void print(ModelInspection found, PrintWriter out) {
        line(out, "producer", found.producer());
        line(out, "operators", found.opsets());
        found.inputs().forEach(input -> line(out, "input", input));
        found.outputs().forEach(output -> line(out, "output", output));
        line(out, "parameters", String.format("%,d", found.parameters()));
        line(out, "weights", found.weightBytes() + " bytes");
        line(out, "layers", found.layers() == 0 ? "unknown" : found.layers());
        found.tied()
                .forEach(pair -> line(
                        out,
                        "stored twice",
                        pair.first() + " = " + pair.copy() + (pair.transposed() ? " (turned)" : "")));
        line(out, "lowered", found.lowered().isEmpty() ? "nothing" : String.join(", ", found.lowered()));
        found.modules().forEach(module -> line(out, "module", module));
        line(out, "kit", found.refusal().map(why -> "no: " + why).orElse("yes"));
    }

    private static void line(PrintWriter out, String name, Object value) {
        out.printf("%-14s %s%n", name, value);
    }

    private static ObjectNode json(ModelInspection found) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("producer", found.producer());
        found.opsets().forEach(node.putObject("opsets")::put);
        found.inputs().forEach(node.putArray("inputs")::add);
        found.outputs().forEach(node.putArray("outputs")::add);
        node.put("parameters", found.parameters());
        found.weightBytes().forEach(node.putObject("weightBytes")::put);
        node.put("layers", found.layers());
        var tied = node.putArray("tied");
        found.tied()
                .forEach(pair -> tied.addObject()
                        .put("first", pair.first())
                        .put("copy", pair.copy())
                        .put("transposed", pair.transposed()));
        found.lowered().forEach(node.putArray("lowered")::add);
        found.modules().forEach(node.putArray("modules")::add);
        node.put("kit", found.refusal().isEmpty());
        found.refusal().ifPresent(why -> node.put("refusal", why));
        return node;
    }
}
