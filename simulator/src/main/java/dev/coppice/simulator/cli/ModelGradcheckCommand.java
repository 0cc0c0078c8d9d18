package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.GradientModel;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.GradientCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice model gradcheck}: an adapter's gradients against finite differences. */
@Command(
        name = "gradcheck",
        mixinStandardHelpOptions = true,
        description = {
            "Checks the gradients of an adapter on a model against finite differences in float64.",
            "Prints the worst relative error of each tensor; exit code 1 if one is above 1e-6."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model gradcheck models/pico",
            "  coppice model gradcheck decoder.onnx --targets q_proj,v_proj --coordinates 20 --json"
        })
final class ModelGradcheckCommand implements Callable<Integer> {
    private static final double ERROR_MAX = 1e-6;
    private static final int BATCH = 2;

    @Parameters(paramLabel = "FILE", description = "a folder with model.onnx, or an ONNX file")
    private Path file = Path.of(".");

    @Option(
            names = "--targets",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "all-linear",
            description = "modules with an adapter (default: ${DEFAULT-VALUE})")
    private List<String> targets = List.of();

    @Option(
            names = "--coordinates",
            paramLabel = "N",
            defaultValue = "4",
            description = "numbers of each tensor that are tried (default: ${DEFAULT-VALUE})")
    private int coordinates;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "6",
            description = "tokens of each text (default: ${DEFAULT-VALUE})")
    private int length;

    @Option(
            names = "--vocabulary",
            paramLabel = "N",
            defaultValue = "64",
            description = "token ids are below this (default: ${DEFAULT-VALUE})")
    private int vocabulary;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try {
            LoraSpec lora = new LoraSpec(2, 4, targets, Factors.BOTH, seed);
            GradientModel model = GradientModel.of(ModelInspectCommand.onnx(file), lora, BATCH, length);
            try (GradientCheck check = GradientCheck.open(model, vocabulary, new Random(seed)::nextInt)) {
                SortedMap<String, Double> worst = check.worstErrors(coordinates);
                print(worst);
                return worst.values().stream().allMatch(error -> error <= ERROR_MAX) ? 0 : 1;
            }
        } catch (GraphRefusedException | EngineException e) {
            spec.commandLine().getErr().println("coppice: " + file + ": " + e.getMessage());
            return 1;
        }
    }

    private void print(SortedMap<String, Double> worst) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode errors = new ObjectMapper().createObjectNode();
            worst.forEach(errors::put);
            out.println(errors);
        } else {
            worst.forEach((tensor, error) ->
                    out.printf("%-9.2e %s%s%n", error, tensor, error <= ERROR_MAX ? "" : "   above " + ERROR_MAX));
        }
        out.flush();
    }
}
