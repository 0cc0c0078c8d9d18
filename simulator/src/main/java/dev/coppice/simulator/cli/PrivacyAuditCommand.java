package dev.coppice.simulator.cli;

import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.simulator.audit.AuditReport;
import dev.coppice.simulator.audit.AuditSettings;
import dev.coppice.simulator.audit.PrivacyAudit;
import dev.coppice.simulator.audit.RoundFailedException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice privacy audit}: attacks rounds, and compares what they give away with what is claimed. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = {
            "Plays rounds, hides canaries in the devices' updates by coin flips, and looks for them in the sums.",
            "Estimates epsilon from below; exits with 1 when an estimate exceeds the claim (\"refuted\").",
            "An honest run is refuted by chance at most once in 1 / (1 - confidence) runs: once in 1,000.",
            "A claim that is not refuted is not proven: this attack, with so many canaries, saw no more.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice privacy audit --epsilon 8                                 one round of 40 devices",
            "  coppice privacy audit --epsilon 8 --participations 2 --rounds 4 --seed 7 --json",
            "  coppice privacy audit --epsilon 2 --devices 60 --rounds 2 --dimension 2048"
        })
final class PrivacyAuditCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            required = true,
            description = "of all of a device's rounds together")
    private double epsilon;

    @Option(names = "--delta", paramLabel = "D", defaultValue = "1e-8", description = "default: ${DEFAULT-VALUE}")
    private double delta;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "1",
            description = "rounds to play; a multiple of the participations (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--participations",
            paramLabel = "K",
            defaultValue = "1",
            description = "rounds of each device; then others come (default: ${DEFAULT-VALUE})")
    private int participations;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "40",
            description = "in a cohort, 20 to 5,000; 10 %% drop out, 5 %% add no noise (default: ${DEFAULT-VALUE})")
    private int devices;

    @Option(
            names = "--dimension",
            paramLabel = "N",
            defaultValue = "4096",
            description = "values in an update, 512 to 2^20 (default: ${DEFAULT-VALUE})")
    private int dimension;

    @Option(
            names = "--count",
            description = {
                "as with an adaptive clip: devices also tell who was within the norm, by a count in the same sum;",
                "one canary a cohort, and 20 rounds or more times the participations"
            })
    private boolean count;

    @Option(
            names = "--confidence",
            paramLabel = "P",
            defaultValue = "0.999",
            description = "with which a claim is refuted (default: ${DEFAULT-VALUE})")
    private double confidence;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "the same seed plays the same audit (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        try {
            return tell(PrivacyAudit.run(settings(), seed));
        } catch (RoundFailedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    int tell(AuditReport report) {
        PrintWriter out = spec.commandLine().getOut();
        answer(report).print(out, json);
        if (!json) {
            explain(report, out);
        }
        return report.refutations().isEmpty() ? 0 : 1;
    }

    private AuditSettings settings() {
        try {
            return new AuditSettings(
                    new PrivacyGoal(epsilon, delta, participations), rounds, devices, dimension, count, confidence);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static Answer answer(AuditReport report) {
        List<String> refutations = report.refutations();
        return new Answer()
                .add("verdict", refutations.isEmpty() ? "not refuted" : "refuted: " + String.join("; ", refutations))
                .add("claimedEpsilon", Answer.up(report.claimedEpsilon()))
                .add("epsilonByGuesses", report.epsilonByGuesses())
                .add("epsilonByCosines", report.epsilonByCosines())
                .add("epsilonLikely", report.epsilonLikely())
                .add("delta", report.settings().goal().delta())
                .add("confidence", report.settings().confidence())
                .add("canaries", report.guessed().canaries())
                .add("guesses", report.guessed().guesses())
                .add("guessedRight", report.guessed().correct())
                .add("maskTests", report.maskTests())
                .add("maskPValue", report.maskPValue());
    }

    private static void explain(AuditReport report, PrintWriter out) {
        out.printf(
                "%nepsilon by guesses: at least so much, whatever the mechanism; guessed from %d coins.%n",
                report.guessed().canaries());
        out.println(
                "epsilon by cosines: at least so much, if the noise is Gaussian. Likely: the same, not as a bound.");
        out.println("mask p value: how likely noise is to look as odd as the oddest of the masked inputs.");
        out.flush();
    }
}
