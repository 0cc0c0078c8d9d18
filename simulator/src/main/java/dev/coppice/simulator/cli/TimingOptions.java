package dev.coppice.simulator.cli;

import dev.coppice.simulator.experiment.Learning.Timing;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How fast devices are, where an experiment goes by virtual time. */
final class TimingOptions {
    @Option(
            names = "--classes",
            paramLabel = "FILE",
            description = {
                "device classes, as scenarios have them, say how fast devices train and send:",
                "rounds take virtual time, and overlap if the definition has a buffer"
            })
    private @Nullable Path classes;

    @Option(
            names = "--look-minutes",
            paramLabel = "M",
            defaultValue = "60",
            description =
                    "with --classes: virtual minutes between two looks, in place of --every (default: ${DEFAULT-VALUE})")
    private int lookMinutes;

    /** Empty if nothing was said of devices. */
    Optional<Timing> timing(CommandSpec spec) throws IOException {
        if (classes == null) {
            return Optional.empty();
        }
        if (lookMinutes < 1) {
            throw new ParameterException(spec.commandLine(), "--look-minutes is 1 or more");
        }
        try {
            return Optional.of(new Timing(Scenario.classes(classes), Duration.ofMinutes(lookMinutes)));
        } catch (ScenarioRefusedException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--classes: " + e.getMessage(), e);
        }
    }
}
