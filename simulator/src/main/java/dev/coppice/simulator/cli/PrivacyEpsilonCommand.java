package dev.coppice.simulator.cli;

import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.privacy.accounting.EventNotSupportedException;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice privacy epsilon}: the cost of so many rounds at a noise multiplier. */
@Command(
        name = "epsilon",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the epsilon that a device has spent after so many participations.",
            "User level, what it puts in becomes zeros; Gaussian noise; no amplification by sampling is claimed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice privacy epsilon --noise 4 --participations 8",
            "  coppice privacy epsilon --noise 4 --participations 8 --accountant pld",
            "  coppice privacy epsilon --noise 1.92 --participations 6 --delta 1e-6 --json"
        })
final class PrivacyEpsilonCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--noise",
            paramLabel = "Z",
            required = true,
            description = "noise multiplier: deviation of the sum's noise over a device's largest influence on the sum")
    private double noise;

    @Option(
            names = "--participations",
            paramLabel = "K",
            defaultValue = "1",
            description = "rounds that a device takes part in, aborted ones counted (default: ${DEFAULT-VALUE})")
    private int participations;

    @Option(names = "--delta", paramLabel = "D", defaultValue = "1e-8", description = "default: ${DEFAULT-VALUE}")
    private double delta;

    @Option(names = "--accountant", paramLabel = "NAME", defaultValue = "RDP", description = AccountantChoice.HELP)
    private AccountantChoice accountant = AccountantChoice.RDP;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws EventNotSupportedException {
        if (!(noise > 0 && noise < Double.POSITIVE_INFINITY)) {
            throw new ParameterException(spec.commandLine(), "--noise must be above 0");
        }
        try {
            new PrivacyGoal(1, delta, participations); // checks both
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        PrivacyEvent event = new PrivacyEvent.Gaussian(noise).times(participations);
        new Answer()
                .add("epsilon", Answer.up(accountant.accountant().epsilon(event, delta)))
                .add("delta", delta)
                .add("participations", participations)
                .add("noiseMultiplier", noise)
                .add("accountant", accountant.toString())
                .add("zcdpRho", Answer.up(participations / (2 * noise * noise)))
                .print(spec.commandLine().getOut(), json);
        return 0;
    }
}
