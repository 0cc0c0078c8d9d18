package dev.coppice.aggregator.task;

import dev.coppice.adapters.merge.RobustMerge;
import java.util.Optional;

/** What a task says about groups that bad devices may have spoilt. */
public final class RobustMerging {
    /** Groups twice as long as the usual one are few where devices are honest. */
    private static final double NORM_BOUND_USUAL = 2;

    private static final double TRIMMED_USUAL = 0.2;

    private RobustMerging() {}

    /**
     * How a task merges its groups; empty: by their mean.
     *
     * @throws TaskRefusedException if the rule is not known or out of range, or the cohort has too few groups for it
     */
    public static Optional<RobustMerge> of(TaskDefinition task) throws TaskRefusedException {
        TaskDefinition.RobustRule rule = task.robustMerge();
        if (rule == null) {
            return Optional.empty();
        }
        RobustMerge merge = named(rule);
        int groupsMin = merge.groupsMin();
        TaskDefinition.CohortRule cohort = task.cohort();
        int groups = cohort.groupSize() == null ? 1 : cohort.min() / cohort.groupSize();
        if (groups < groupsMin) {
            throw new TaskRefusedException("robustMerge: " + merge.name() + " compares the sums of " + groupsMin
                    + " groups at least, and the smallest cohort has " + groups + "; "
                    + (cohort.min() / groupsMin >= TaskJson.DEVICES_MIN_LEAST
                            ? "set cohort.groupSize to " + TaskJson.DEVICES_MIN_LEAST + " to "
                                    + cohort.min() / groupsMin
                            : "set cohort.min to " + groupsMin * TaskJson.DEVICES_MIN_LEAST + " or more and"
                                    + " cohort.groupSize to " + TaskJson.DEVICES_MIN_LEAST));
        }
        return Optional.of(merge);
    }

    /** The same of a task that was checked before it was stored. */
    public static Optional<RobustMerge> stored(TaskDefinition task) {
        try {
            return of(task);
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    private static RobustMerge named(TaskDefinition.RobustRule rule) throws TaskRefusedException {
        Double bound = rule.bound();
        try {
            return switch (String.valueOf(rule.kind())) {
                case "norm-check" -> new RobustMerge.NormCheck(bound == null ? NORM_BOUND_USUAL : bound);
                case "trimmed-mean" -> new RobustMerge.TrimmedMean(bound == null ? TRIMMED_USUAL : bound);
                case "median" -> unbounded(rule, new RobustMerge.CoordinateMedian());
                case "geometric-median" -> unbounded(rule, new RobustMerge.GeometricMedian());
                default ->
                    throw new TaskRefusedException(
                            "robustMerge.kind is norm-check, trimmed-mean, median or geometric-median");
            };
        } catch (IllegalArgumentException e) {
            throw new TaskRefusedException("robustMerge: " + e.getMessage());
        }
    }

    private static RobustMerge unbounded(TaskDefinition.RobustRule rule, RobustMerge merge)
            throws TaskRefusedException {
        if (rule.bound() != null) {
            throw new TaskRefusedException("robustMerge: " + merge.name() + " has no bound");
        }
        return merge;
    }
}
