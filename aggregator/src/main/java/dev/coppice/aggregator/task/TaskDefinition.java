package dev.coppice.aggregator.task;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.protocol.round.MetricsSubject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asks to be trained. Component names are the JSON's.
 *
 * @param skill the adapter lineage that it improves
 * @param population of the devices that may take part
 * @param kitSpec JSON object of the training kit's specification
 * @param kitSha256 the kit that it gives on that base model
 * @param initialAdapterSha256 a stored blob (safetensors) that the first round starts from; its layout is the task's
 * @param rounds how many rounds there are, aborted ones counted; also the participations that the budget is for
 * @param localSteps optimizer steps on each device and round
 * @param learningRate on the device
 * @param examplesMin a device with fewer does not take part
 * @param clipNorm largest L2 norm of an update; with {@code clip}, of the first round's
 * @param clip how that follows what devices have; null or left out: not at all
 * @param epsilon of all rounds together; null: no noise, no promise
 * @param delta that goes with epsilon
 * @param noise whose noise keeps epsilon: that of all honest devices together ({@code distributed}), each device's own alone
 *     ({@code local}: the sum is far noisier), or the aggregator's ({@code server}: only devices that were built to trust it take
 *     part); null or left out: distributed
 * @param keyAgreement how devices agree on keys in rounds: {@code x25519}, or {@code x25519-mlkem768} so that what is
 *     recorded now stays closed should X25519 be broken one day; null or left out: x25519
 * @param metrics that devices tell how a pack or a candidate does on them, in place of training; null or left out: they train.
 *     A task of metrics has no {@code localSteps}, {@code learningRate}, {@code examplesMin}, {@code fullWeightExamples}, {@code clipNorm},
 *     {@code clip}, {@code mergeRule}, {@code robustMerge}, {@code buffer} and {@code serverOptimizer}, and {@code initialAdapterSha256} only if that is what is asked about
 * @param mergeRule what becomes of LoRA factors, by name: {@code ffa} for kits that train B alone, {@code fedit},
 *     {@code rolora}, {@code fedsvd} or {@code fedsa} for those of both factors; null or left out: ffa or fedit
 * @param robustMerge how the sums of groups are merged where some may be spoilt; null or left out: by their mean
 * @param buffer that several rounds are open at once, whose sums are merged together; null or left out: one round at a time
 * @param schedule when rounds may open; null or left out: one after the other, from now on
 * @param weight where several tasks ask for a device, each is chosen as often as its weight says, 1 to 1,000; null or left
 *     out: 1
 * @param eligibility which devices its rounds are offered to; null or left out: all that have enough examples
 * @param overSelection devices that are offered a round for each that it still needs, 1 to 10; null or left out: 1.3
 * @param fullWeightExamples an update learned from fewer examples counts in proportion to them, 2 to 1,000,000; the server still
 *     divides by devices, for it never knows their weights: {@code serverOptimizer.learningRate} makes up for that; null or left
 *     out: all devices count alike
 */
public record TaskDefinition(
        String skill,
        String population,
        String baseModelSha256,
        JsonNode kitSpec,
        String kitSha256,
        String initialAdapterSha256,
        int rounds,
        int localSteps,
        double learningRate,
        int examplesMin,
        double clipNorm,
        @Nullable ClipRule clip,
        @Nullable Double epsilon,
        double delta,
        @Nullable String noise,
        CohortRule cohort,
        @Nullable String keyAgreement,
        @Nullable MetricsRule metrics,
        @Nullable String mergeRule,
        @Nullable RobustRule robustMerge,
        @Nullable BufferRule buffer,
        OptimizerRule serverOptimizer,
        PhaseSeconds phaseSeconds,
        @Nullable ScheduleRule schedule,
        @Nullable Integer weight,
        @Nullable EligibilityRule eligibility,
        @Nullable Double overSelection,
        @Nullable Integer fullWeightExamples) {
    private static final double OVER_SELECTION_USUAL = 1.3;

    /** How many devices are wanted above those that would do if each were eligible, had room and came to the end. */
    private static final double WANTED_MORE = 2;

    private static final String PERSONAL = "personal";

    /**
     * When rounds may open.
     *
     * @param start ISO 8601 in universal time; null or left out: at once
     * @param end the task is over then, and rounds that nobody has joined are abandoned; null or left out: never
     * @param intervalSeconds from the opening of a round to that of the next, at least, 1 to 31,536,000; null or left out: none
     * @param roundsPerDay the same by their number, 1 to 86,400; not together with {@code intervalSeconds}
     */
    public record ScheduleRule(
            @Nullable String start,
            @Nullable String end,
            @Nullable Integer intervalSeconds,
            @Nullable Integer roundsPerDay) {}

    /**
     * Which devices are asked. {@code examplesMin} of the task counts besides.
     *
     * @param agentVersionMin {@code major.minor}; null or left out: any, also agents that tell none
     * @param deviceClasses at most 63 names; null or left out: all, also devices that tell none
     * @param separationSeconds since a device's last participation in any task, 0 to 31,536,000; null or left out: 0
     */
    public record EligibilityRule(
            @Nullable String agentVersionMin,
            @Nullable List<String> deviceClasses,
            @Nullable Integer separationSeconds) {}

    /** training, guard (of a pack), evaluation (of an adapter) or personal (metrics of personal adapters). */
    public String kind() {
        if (metrics == null) {
            return "training";
        }
        return switch (metrics.asksAbout()) {
            case PERSONAL_ADAPTERS -> PERSONAL;
            case PACK, UNRECOGNIZED -> metrics.isOfCandidate() ? "evaluation" : "guard";
        };
    }

    /** How often it is chosen where others ask for a device too. */
    public int weightOrUsual() {
        return weight == null ? 1 : weight;
    }

    /** Examples from which on an update counts fully; 0: all count alike. */
    public int fullWeightExamplesOrNone() {
        return fullWeightExamples == null ? 0 : fullWeightExamples;
    }

    /** How many of its rounds may be open at once. */
    public int openRoundsMax() {
        return buffer == null ? 1 : buffer.openRounds();
    }

    /** Devices that are offered a round for each that it still needs. */
    public double overSelectionOrUsual() {
        return overSelection == null ? OVER_SELECTION_USUAL : overSelection;
    }

    /** How many offers of a round may be out to devices that have not joined, where so many have. */
    public int offersMax(int joined) {
        return (int) Math.ceil(overSelectionOrUsual() * (cohort.max() - joined));
    }

    /** Devices a second that should come while a round waits for them, or as many as may be open do at once. */
    public double devicesWantedPerSecond() {
        return WANTED_MORE * openRoundsMax() * overSelectionOrUsual() * cohort.max() / phaseSeconds.advertise();
    }

    /**
     * That the clip norm follows a quantile of the updates' norms, at some cost of the budget.
     *
     * @param kind {@code adaptive}
     * @param quantile part of the updates that are not clipped, above 0 and below 1
     * @param rate how fast it follows, above 0 and at most 1; null or left out: 0.2
     */
    public record ClipRule(
            String kind, double quantile, @Nullable Double rate) {}

    /**
     * What devices are asked about.
     *
     * @param subject {@code pack} or {@code personal}: what the devices' personal adapters gain over the pack in use; null or left
     *     out: pack
     * @param packVersion of a released pack of the skill; 0: the adapter of the task; 0 with {@code personal}
     * @param deviceClasses ascending: each has figures of its own
     * @param devicesMin figures of fewer devices are merged, or withheld; 3 to 10,000
     */
    public record MetricsRule(@Nullable String subject, long packVersion, List<String> deviceClasses, int devicesMin) {
        /** Unless it has another name, which is refused. */
        public MetricsSubject asksAbout() {
            return PERSONAL.equals(subject) ? MetricsSubject.PERSONAL_ADAPTERS : MetricsSubject.PACK;
        }

        /** Whether it is the adapter of the task that is asked about. */
        boolean isOfCandidate() {
            return asksAbout() == MetricsSubject.PACK && packVersion == 0;
        }
    }

    /**
     * How large a cohort may be, and which part of it may fail.
     *
     * @param dropoutBound part that may be missing from the sum
     * @param corruptionBound part that may work with the server
     * @param groupSize fewest devices in a group with a sum of its own, from 3 to {@code min}; null or left out: the
     *     cohort is one group
     */
    public record CohortRule(
            int min,
            int max,
            double dropoutBound,
            double corruptionBound,
            @Nullable Integer groupSize) {
        /** 0 where the cohort is one group. */
        int groups() {
            return groupSize == null ? 0 : groupSize;
        }
    }

    /**
     * How much a group's sum may have a say that differs from all others'.
     *
     * @param kind {@code norm-check}, {@code trimmed-mean}, {@code median} or {@code geometric-median}
     * @param bound of {@code norm-check}: how many times the median norm a group's mean may be long, 1 to 100 (2 if left
     *     out); of {@code trimmed-mean}: the part of the groups that is cut at each end, above 0 and below 0.5 (0.2)
     */
    public record RobustRule(String kind, @Nullable Double bound) {}

    /**
     * That no device waits for another cohort than its own: the next round begins, from the candidate of that time, as soon as a
     * cohort is offered to as many devices as it needs.
     *
     * @param sums of so many rounds are merged together, 1 to 1,000 and to {@code rounds}; what is left when the last ends, as well
     * @param openRounds at once, 2 to 64
     * @param stalenessMax a round is abandoned when there were more merges since it began, 0 to 1,000
     */
    public record BufferRule(int sums, int openRounds, int stalenessMax) {}

    /**
     * How a mean update becomes a step.
     *
     * @param kind {@code fedavg}, {@code momentum}, {@code fedadam}, {@code fedyogi} or {@code fedadagrad}
     */
    public record OptimizerRule(String kind, double learningRate, double momentum) {}

    /**
     * How many seconds each step of a round stays open at most, 1 to 86,400.
     *
     * @param shares of the opening of nonces too
     * @param unmask of each of the two last steps, attest and unmask, in which nobody has work to do
     */
    public record PhaseSeconds(int advertise, int shares, int masked, int unmask) {}
}
