package dev.coppice.simulator.cli;

import dev.coppice.simulator.experiment.ExperimentRefusedException;
import dev.coppice.simulator.experiment.Lab;
import dev.coppice.simulator.experiment.Pareto;
import dev.coppice.simulator.experiment.Sweep;
import dev.coppice.simulator.experiment.TrialFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice simulate sweep}: which of many tasks teaches best. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a task in many variants and chooses: grid, random or successive halving over any of its members.",
            "Every run's figures are kept as they come; the same command goes on where it was killed.",
            "Ends with task.json and initial.safetensors, which an operator stores and posts as they are."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice simulate sweep rates.json --data texts.jsonl --model models/pico --out rates",
            "",
            "where rates.json is",
            "  {\"task\": {...}, \"seeds\": [1, 2, 3], \"every\": 5, \"patience\": 3,",
            "   \"over\": {\"/task/learningRate\": {\"from\": 0.001, \"to\": 0.1, \"scale\": \"log\"},",
            "            \"/task/mergeRule\": [\"rolora\", \"fedsvd\"]},",
            "   \"search\": {\"kind\": \"halving\", \"trials\": 27, \"keep\": 0.34, \"roundsMin\": 5, \"seed\": 1},",
            "   \"limits\": {\"epsilon\": 8, \"bytesUp\": 100000}}",
            "and \"attack\": {\"name\": \"sign-flip\", \"share\": 0.2} beside the task lets malicious devices in."
        })
final class SweepCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the sweep (JSON)")
    private Path file = Path.of("");

    @Mixin
    private LabOptions labOptions = new LabOptions();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "takes figures and the chosen task")
    private Path out = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var told = spec.commandLine().getOut();
        try (Lab lab = labOptions.open(spec, out)) {
            List<TrialFigures> trials = Sweep.run(lab, file, out, line -> {
                told.println(line);
                told.flush();
            });
            told.println("not beaten in accuracy, epsilon, bytes and CPU alike:");
            Pareto.lines(trials).forEach(line -> told.println("  " + line));
            told.println("table    " + out.resolve("trials.csv"));
            told.println("task     " + out.resolve("task.json") + ", with blob " + out.resolve("initial.safetensors"));
            told.flush();
            return 0;
        } catch (ExperimentRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 2;
        }
    }
}
