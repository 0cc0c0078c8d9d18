package dev.coppice.simulator.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.agent.PrivacyBudget;
import dev.coppice.simulator.extension.Choice;
import dev.coppice.simulator.extension.DeviceClass;
import java.util.List;
import java.util.Optional;

/**
 * What is simulated.
 *
 * @param seed of everything that is random
 * @param task the aggregator's task definition ({@code docs/operating.md}) without what {@link FleetMaterial} knows: skill,
 *     population, base model, kit and initial adapter. Its {@code rounds} is how many rounds are played
 * @param overSelection devices that are asked to a round, as a multiple of the largest cohort; 1 or more
 * @param classes that devices are drawn from by their shares; at least one
 * @param attack none: all devices are honest
 * @param merge an {@link dev.coppice.simulator.extension.UpdateMerge}; other than {@code mean} it needs {@link Privacy#OFF},
 *     or groups and {@link Privacy#TRUST_SUM}
 */
public record FleetSettings(
        long seed,
        Privacy privacy,
        JsonNode task,
        double overSelection,
        List<DeviceClass> classes,
        Behaviour behaviour,
        Faults faults,
        Optional<Adversary> attack,
        Choice merge,
        Judging judging) {
    private static final double DELTA_USUAL = 1e-8;

    public FleetSettings {
        task = task.deepCopy();
        classes = List.copyOf(classes);
        if (classes.isEmpty()
                || classes.stream().mapToDouble(DeviceClass::share).sum() <= 0) {
            throw new IllegalArgumentException("there is at least one device class with a share above 0");
        }
        if (!(overSelection >= 1)) {
            throw new IllegalArgumentException("overSelection is 1 or more");
        }
    }

    /** An ideal world: nobody is slow, late or gone. */
    public static FleetSettings ideal(long seed, Privacy privacy, JsonNode task) {
        return new FleetSettings(
                seed,
                privacy,
                task,
                1,
                List.of(DeviceClass.PLAIN),
                Behaviour.STEADY,
                Faults.NONE,
                Optional.empty(),
                Choice.of("mean"),
                new Judging(1, 2_000, 0));
    }

    /** Whether the task promises differential privacy. */
    public boolean isNoisy() {
        return task.path("epsilon").isNumber();
    }

    /** Of the task's promise. */
    public double delta() {
        return task.path("delta").asDouble(DELTA_USUAL);
    }

    /** What devices allow: what the task asks for, in their whole life. */
    public PrivacyBudget budget() {
        return isNoisy()
                ? PrivacyBudget.ever(task.path("epsilon").asDouble(), delta(), 0)
                : PrivacyBudget.insecureUnlimited();
    }

    /** The same with another seed. */
    public FleetSettings withSeed(long other) {
        return new FleetSettings(
                other, privacy, task, overSelection, classes, behaviour, faults, attack, merge, judging);
    }

    /** The same with updates that come together in another way. */
    public FleetSettings withPrivacy(Privacy other) {
        return new FleetSettings(seed, other, task, overSelection, classes, behaviour, faults, attack, merge, judging);
    }

    /** The same with another task. */
    public FleetSettings withTask(JsonNode other) {
        return new FleetSettings(
                seed, privacy, other, overSelection, classes, behaviour, faults, attack, merge, judging);
    }

    /** The same with malicious devices, or without. */
    public FleetSettings withAttack(Optional<Adversary> other) {
        return new FleetSettings(seed, privacy, task, overSelection, classes, behaviour, faults, other, merge, judging);
    }

    /** The same, merged in another way. */
    public FleetSettings withMerge(Choice other) {
        return new FleetSettings(
                seed, privacy, task, overSelection, classes, behaviour, faults, attack, other, judging);
    }

    /** The same, judged otherwise. */
    public FleetSettings withJudging(Judging other) {
        return new FleetSettings(seed, privacy, task, overSelection, classes, behaviour, faults, attack, merge, other);
    }

    /**
     * What users do.
     *
     * @param dropout probability that a device which came to a round vanishes in it, before each step alike
     * @param late probability that a device pauses before some step
     * @param lateSeconds for how long at most
     * @param joining part of the devices that come new while the rounds go on, evenly
     * @param leaving part of the devices that leave for ever while the rounds go on, evenly
     * @param memoryMiB that a device must have to take part
     */
    public record Behaviour(
            double dropout, double late, double lateSeconds, double joining, double leaving, int memoryMiB) {
        public static final Behaviour STEADY = new Behaviour(0, 0, 0, 0, 0, 0);

        public Behaviour {
            requirePart("dropout", dropout);
            requirePart("late", late);
            requirePart("joining", joining);
            requirePart("leaving", leaving);
            if (!(lateSeconds >= 0)) {
                throw new IllegalArgumentException("lateSeconds is 0 or more");
            }
        }
    }

    /**
     * What goes wrong between devices and server; seen only where messages are sent ({@link Privacy#SECAGG_DDG}).
     *
     * @param loss probability for each message, there and back
     * @param duplication probability for each message to the server
     * @param reordering probability for each message to be held up behind later ones
     * @param corruption probability for each message to the server to come with a bit flipped
     * @param crashes how often the server dies in a round and comes back, on average
     * @param downSeconds for how long it is gone
     * @param clockSkewSeconds by which devices' clocks are off at most
     */
    public record Faults(
            double loss,
            double duplication,
            double reordering,
            double corruption,
            double crashes,
            double downSeconds,
            double clockSkewSeconds) {
        public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 5, 0);

        public Faults {
            requirePart("loss", loss);
            requirePart("duplication", duplication);
            requirePart("reordering", reordering);
            requirePart("corruption", corruption);
            if (!(crashes >= 0 && downSeconds >= 0 && clockSkewSeconds >= 0)) {
                throw new IllegalArgumentException("crashes, downSeconds and clockSkewSeconds are 0 or more");
            }
        }
    }

    /**
     * Malicious devices.
     *
     * @param attack an {@link dev.coppice.simulator.extension.Attack}
     * @param share of all devices that are malicious
     * @param fromRound the first round in which they are
     */
    public record Adversary(Choice attack, double share, int fromRound) {
        public Adversary {
            requirePart("share", share);
        }
    }

    /**
     * How candidates are judged.
     *
     * @param every so many rounds, and after the last; 0: after the last alone
     * @param examplesMax held-out texts that are looked at
     * @param devicesMax devices whose own gain is looked at in the end
     */
    public record Judging(int every, int examplesMax, int devicesMax) {}

    private static void requirePart(String name, double part) {
        if (!(part >= 0 && part <= 1)) {
            throw new IllegalArgumentException(name + " is 0 to 1");
        }
    }
}
