package dev.coppice.simulator.cli;

import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.crypto.privacy.RotationSeed;
import dev.coppice.crypto.privacy.accounting.Budgeting;
import dev.coppice.crypto.privacy.accounting.EventNotSupportedException;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent;
import dev.coppice.protocol.round.NoiseSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice privacy noise}: the least noise that keeps a budget, and the encoding that goes with it. */
@Command(
        name = "noise",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the noise that each device of a cohort must add to keep an epsilon.",
            "Rounds are planned by Renyi divergences; another accountant is told the noise multiplier alone."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice privacy noise --epsilon 8 --participations 6",
            "  coppice privacy noise --epsilon 4 --participations 8 --devices 1000 --dimension 65536",
            "  coppice privacy noise --epsilon 8 --participations 6 --dropout-bound 0.2 --json",
            "  coppice privacy noise --epsilon 8 --participations 6 --devices 1000 --group-size 64",
            "  coppice privacy noise --epsilon 8 --participations 6 --local",
            "  coppice privacy noise --epsilon 8 --participations 6 --accountant pld"
        })
final class PrivacyNoiseCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--epsilon", paramLabel = "E", required = true, description = "of all participations together")
    private double epsilon;

    @Option(names = "--delta", paramLabel = "D", defaultValue = "1e-8", description = "default: ${DEFAULT-VALUE}")
    private double delta;

    @Option(
            names = "--participations",
            paramLabel = "K",
            required = true,
            description = "rounds that a device may take part in, aborted ones counted")
    private int participations;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "200",
            description = "of the smallest cohort (default: ${DEFAULT-VALUE})")
    private int devices;

    @Option(
            names = "--devices-max",
            paramLabel = "N",
            defaultValue = "0",
            description = "of the largest cohort (default: the same)")
    private int devicesMax;

    @Option(
            names = "--dropout-bound",
            paramLabel = "P",
            defaultValue = "0.1",
            description = "part of a cohort that may be missing from its sum (default: ${DEFAULT-VALUE})")
    private double dropoutBound;

    @Option(
            names = "--corruption-bound",
            paramLabel = "P",
            defaultValue = "0.05",
            description = "part of a cohort whose noise is not relied on (default: ${DEFAULT-VALUE})")
    private double corruptionBound;

    @Option(
            names = "--dimension",
            paramLabel = "N",
            defaultValue = "8192",
            description = "values in an update (default: ${DEFAULT-VALUE})")
    private int dimension;

    @Option(
            names = "--clip",
            paramLabel = "C",
            defaultValue = "1.0",
            description = "largest L2 norm of an update (default: ${DEFAULT-VALUE})")
    private double clip;

    @Option(
            names = "--group-size",
            paramLabel = "N",
            defaultValue = "0",
            description = "fewest devices in a group that has a sum of its own (default: the cohort is one group)")
    private int groupSize;

    @Option(
            names = "--local",
            description = {
                "local differential privacy, the fallback that trusts nobody: each device's noise keeps the epsilon alone,",
                "and the sum has the noise of all of them"
            })
    private boolean local;

    @Option(names = "--accountant", paramLabel = "NAME", defaultValue = "RDP", description = AccountantChoice.HELP)
    private AccountantChoice accountant = AccountantChoice.RDP;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws EventNotSupportedException {
        try {
            Answer answer = accountant == AccountantChoice.RDP ? answer(plan()) : multiplierAlone();
            answer.print(spec.commandLine().getOut(), json);
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (PrivacyRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    /** Of one continuous Gaussian: what a plan's sum of discrete ones can at best come near to. */
    private Answer multiplierAlone() throws EventNotSupportedException, PrivacyRefusedException {
        PrivacyGoal goal = new PrivacyGoal(epsilon, delta, participations);
        double noise = Budgeting.leastNoise(
                        accountant.accountant(),
                        multiplier -> new PrivacyEvent.Gaussian(multiplier).times(goal.participations()),
                        goal.epsilon(),
                        goal.delta())
                .orElseThrow(() -> new PrivacyRefusedException("No noise gives epsilon " + epsilon + " at delta "
                        + delta + ": ask for more epsilon or fewer participations"));
        return new Answer()
                .add("noiseMultiplier", noise)
                .add("epsilon", Answer.up(epsilon))
                .add("delta", delta)
                .add("participations", participations)
                .add("accountant", accountant.toString());
    }

    private NoisePlan plan() throws PrivacyRefusedException {
        int largest = devicesMax == 0 ? devices : devicesMax;
        PrivacyGoal goal = new PrivacyGoal(epsilon, delta, participations);
        CohortBounds cohort = new CohortBounds(devices, largest, groupSize, dropoutBound, corruptionBound);
        byte[] anyRotation = new byte[RotationSeed.BYTES];
        NoiseSource source = local ? NoiseSource.OWN_DEVICE : NoiseSource.HONEST_DEVICES;
        return NoisePlan.calibrate(source, goal, cohort, dimension, new Clipping.Fixed(clip), anyRotation);
    }

    private Answer answer(NoisePlan plan) {
        var encoding = plan.encoding();
        double sumDeviation = encoding.noiseSigma() * Math.sqrt(local ? devices : plan.honestMin()) / encoding.scale();
        return new Answer()
                .add("noise", local ? "local" : "distributed")
                .add("noiseMultiplier", plan.noiseMultiplier())
                .add("epsilon", Answer.up(plan.epsilon()))
                .add("delta", plan.delta())
                .add("participations", plan.participations())
                .add("accountant", AccountantChoice.RDP.toString())
                .add("honestDevicesMin", plan.honestMin())
                .add("sigmaPerDevice", encoding.noiseSigma())
                .add("scale", encoding.scale())
                .add("bits", encoding.bits())
                .add("uploadBytes", (encoding.paddedDimension() * (long) encoding.bits() + 7) / 8)
                .add("sumNoiseDeviation", sumDeviation);
    }
}
