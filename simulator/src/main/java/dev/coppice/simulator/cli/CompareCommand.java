package dev.coppice.simulator.cli;

import dev.coppice.simulator.simulation.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice simulate compare}: two runs side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Sets the figures of two runs side by side, with the spread over their seeds.",
            "Differences are called larger than chance where Welch's 95 %% interval leaves out zero."
        },
        footerHeading = "%nExamples:%n",
        footer = "  coppice simulate compare run1 run2")
final class CompareCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "A", description = "folder of a run")
    @SuppressWarnings("NullAway.Init")
    private Path first;

    @Parameters(index = "1", paramLabel = "B", description = "folder of another")
    @SuppressWarnings("NullAway.Init")
    private Path second;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        for (Path run : new Path[] {first, second}) {
            if (!Files.exists(run.resolve("metrics.jsonl"))) {
                throw new ParameterException(spec.commandLine(), run + " holds no metrics.jsonl of a simulation");
            }
        }
        Comparison.of(first, second).lines().forEach(spec.commandLine().getOut()::println);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
