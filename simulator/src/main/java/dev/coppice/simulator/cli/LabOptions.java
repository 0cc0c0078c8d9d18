package dev.coppice.simulator.cli;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.simulator.experiment.ExperimentRefusedException;
import dev.coppice.simulator.experiment.Lab;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.population.PopulationRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Whose texts and which base model an experiment is about. */
final class LabOptions {
    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = {
                "JSON lines with text and, if you have them, user and label",
                "(default: made-up people who speak to an assistant)"
            })
    private @Nullable Path data;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "folder of the base model")
    private Path model = Path.of("");

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "300",
            description = "most people; texts without users are dealt to so many (default: ${DEFAULT-VALUE})")
    private int devices;

    @Option(
            names = "--dirichlet",
            paramLabel = "ALPHA",
            defaultValue = "0.5",
            description = {
                "how unlike people are to whom labelled texts without users are dealt:",
                "the smaller, the fewer labels each has (default: ${DEFAULT-VALUE})"
            })
    private double alpha;

    @Option(
            names = "--in-order",
            description = "everybody who is named, each one's last fifth of texts held back (default: drawn texts)")
    private boolean inOrder;

    @Option(
            names = "--texts-min",
            paramLabel = "N",
            defaultValue = "10",
            description = "with --in-order: whoever said fewer is left out (default: ${DEFAULT-VALUE})")
    private int textsMin;

    @Option(
            names = "--data-seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "draws which texts are whose and which are held back (default: ${DEFAULT-VALUE})")
    private long dataSeed;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "2",
            description = "threads; results do not depend on it (default: ${DEFAULT-VALUE})")
    private int workers;

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the model is closed with the lab
    Lab open(CommandSpec spec, Path out) throws IOException, ExperimentRefusedException {
        if (workers < 1 || devices < 1) {
            throw new ParameterException(spec.commandLine(), "--workers and --devices are 1 or more");
        }
        if (!(alpha > 0)) {
            throw new ParameterException(spec.commandLine(), "--dirichlet is above 0");
        }
        spec.commandLine()
                .getOut()
                .println("sums in the clear: an experiment on learning, which protects nobody's texts");
        try {
            Population population = population();
            return new Lab(population, BaseModel.open(model), out.resolve("kits"), workers);
        } catch (PopulationRefusedException | ModelRefusedException e) {
            throw new ExperimentRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private Population population() throws IOException, PopulationRefusedException {
        if (data == null) {
            return Population.generated(dataSeed, devices);
        }
        Task task = Population.hasLabels(data) ? Task.TEXT_CLASSIFICATION : Task.CAUSAL_LM;
        return inOrder
                ? Population.inOrder(data, task, textsMin, 0.8)
                : Population.read(data, task, devices, alpha, dataSeed);
    }
}
