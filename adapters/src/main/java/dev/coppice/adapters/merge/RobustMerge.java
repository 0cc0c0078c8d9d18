package dev.coppice.adapters.merge;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How the means of a round's groups become one update where some groups may hold what a bad device made of them. Needs
 * nothing but the groups' sums, so that it goes with secure aggregation; protects from as many bad <em>groups</em> as each
 * rule says, and one bad device makes a group bad. Stateless, for any threads.
 */
public sealed interface RobustMerge {
    /** The rule's name in a task definition. */
    String name();

    /** The fewest groups that it tells anything from. */
    int groupsMin();

    /**
     * One update.
     *
     * @param groups at least {@link #groupsMin}, all of one length; their order does not matter
     * @throws MergeRefusedException if there are fewer
     */
    float[] merge(List<GroupMean> groups) throws MergeRefusedException;

    private static void require(RobustMerge rule, List<GroupMean> groups) throws MergeRefusedException {
        if (groups.size() < rule.groupsMin()) {
            throw new MergeRefusedException("robust merging by " + rule.name() + " needs " + rule.groupsMin()
                    + " groups, and there are " + groups.size());
        }
        if (groups.stream().anyMatch(group -> group.length() != groups.get(0).length())) {
            throw new IllegalArgumentException("Means of groups differ in length");
        }
    }

    /**
     * The mean of those groups whose norm is at most {@code bound} times the median of all norms, each weighted by its
     * devices. While fewer than half of the groups are bad, the result is no longer than {@code bound} times the longest
     * honest mean; a bad group within that length keeps its say.
     *
     * @param bound at least 1
     */
    record NormCheck(double bound) implements RobustMerge {
        public NormCheck {
            if (!(bound >= 1 && bound <= 100)) {
                throw new IllegalArgumentException("norm-check: bound is 1 to 100 times the median norm");
            }
        }

        @Override
        public String name() {
            return "norm-check";
        }

        @Override
        public int groupsMin() {
            return 3;
        }

        @Override
        public float[] merge(List<GroupMean> groups) throws MergeRefusedException {
            require(this, groups);
            double[] norms =
                    groups.stream().mapToDouble(GroupMean::norm).sorted().toArray();
            double most = bound * norms[(norms.length - 1) / 2]; // the lower one of two: no bad group may be it
            return weighted(groups, group -> group.norm() <= most ? group.devices() : 0);
        }
    }

    /**
     * The mean of each coordinate without its smallest and its largest values (Yin et al. 2018, "Byzantine-Robust
     * Distributed Learning", algorithm 1). While no more groups are bad than are cut at each end, each coordinate is within
     * what honest groups have.
     *
     * @param part of the groups that is cut at each end, above 0 and below a half; rounded down, one group at least
     */
    record TrimmedMean(double part) implements RobustMerge {
        public TrimmedMean {
            if (!(part > 0 && part < 0.5)) {
                throw new IllegalArgumentException(
                        "trimmed-mean: bound is above 0 and below 0.5, a part of the groups");
            }
        }

        @Override
        public String name() {
            return "trimmed-mean";
        }

        @Override
        public int groupsMin() {
            return 3;
        }

        /** Groups that are left out at each end of each coordinate. */
        int cut(int groups) {
            return Math.max(1, (int) Math.floor(part * groups + 1e-9));
        }

        @Override
        public float[] merge(List<GroupMean> groups) throws MergeRefusedException {
            require(this, groups);
            int cut = cut(groups.size());
            return byCoordinate(
                    groups,
                    sorted -> Arrays.stream(sorted, cut, sorted.length - cut)
                            .average()
                            .orElseThrow());
        }
    }

    /**
     * The median of each coordinate, the mean of the middle two where groups are even (Yin et al. 2018, algorithm 1). While
     * fewer than half of the groups are bad, each coordinate is within what honest groups have.
     */
    record CoordinateMedian() implements RobustMerge {
        @Override
        public String name() {
            return "median";
        }

        @Override
        public int groupsMin() {
            return 3;
        }

        @Override
        public float[] merge(List<GroupMean> groups) throws MergeRefusedException {
            require(this, groups);
            return byCoordinate(groups, sorted -> (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2);
        }
    }

    /**
     * The point with the least sum of distances to the groups' means, each weighted by its devices (Pillutla et al. 2022,
     * "Robust Aggregation for Federated Learning"), by Weiszfeld's iteration as Vardi and Zhang 2000 mended it (equation
     * 2.6), so that it does not stop at a mean that it meets. While a part
     * {@code a < 1/2} of the weight is bad, the result is within {@code 2 (1 - a) / (1 - 2 a)} times the honest means'
     * largest distance from any point, of that point (Minsker 2015, lemma 2.1).
     */
    record GeometricMedian() implements RobustMerge {
        private static final int ITERATIONS_MAX = 500;
        private static final double MOVED_MIN = 1e-9;

        @Override
        public String name() {
            return "geometric-median";
        }

        @Override
        public int groupsMin() {
            return 3;
        }

        @Override
        public float[] merge(List<GroupMean> groups) throws MergeRefusedException {
            require(this, groups);
            double[] at = new double[groups.get(0).length()];
            float[] start = new CoordinateMedian().merge(groups); // no bad group decides where it begins
            for (int i = 0; i < at.length; i++) {
                at[i] = start[i];
            }
            double scale = groups.stream().mapToDouble(GroupMean::norm).sum() / groups.size();
            double moved = Double.POSITIVE_INFINITY;
            for (int n = 0; n < ITERATIONS_MAX && moved > MOVED_MIN * scale; n++) {
                double[] next = step(groups, at);
                moved = distance(at, next);
                at = next;
            }
            return floats(at);
        }

        /** Of those whose mean is elsewhere the weighted mean, and back from it as far as those here outweigh their pull. */
        private static double[] step(List<GroupMean> groups, double[] at) {
            double[] sum = new double[at.length];
            double total = 0;
            double here = 0;
            for (GroupMean group : groups) {
                double distance = distance(group, at);
                if (distance == 0) {
                    here += group.devices();
                } else {
                    double weight = group.devices() / distance;
                    total += weight;
                    for (int i = 0; i < at.length; i++) {
                        sum[i] += weight * (group.value(i) - at[i]);
                    }
                }
            }
            double pull =
                    Math.sqrt(Arrays.stream(sum).map(value -> value * value).sum());
            double part = pull == 0 ? 0 : Math.max(0, 1 - here / pull) / total;
            double[] next = new double[at.length];
            Arrays.setAll(next, i -> at[i] + part * sum[i]);
            return next;
        }

        private static double distance(GroupMean group, double[] at) {
            double squares = 0;
            for (int i = 0; i < at.length; i++) {
                double apart = group.value(i) - at[i];
                squares += apart * apart;
            }
            return Math.sqrt(squares);
        }

        private static double distance(double[] one, double[] other) {
            double squares = 0;
            for (int i = 0; i < one.length; i++) {
                squares += (one[i] - other[i]) * (one[i] - other[i]);
            }
            return Math.sqrt(squares);
        }
    }

    /**
     * FLTrust (Cao et al. 2021, algorithm 2): each group counts by how far its mean points to where the server's own update
     * does, {@code max(0, cos)}, and with the server's length. However many groups are bad, the result is no longer than
     * the server's update and does not point away from it.
     *
     * @param root the update that the server trained from the same start on data that it trusts
     */
    record Trust(GroupMean root) implements RobustMerge {
        @Override
        public String name() {
            return "fltrust";
        }

        @Override
        public int groupsMin() {
            return 2;
        }

        @Override
        public float[] merge(List<GroupMean> groups) throws MergeRefusedException {
            require(this, groups);
            double[] sum = new double[root.length()];
            double trust = 0;
            for (GroupMean group : groups) {
                double lengths = group.norm() * root.norm();
                double cosine = lengths == 0 ? 0 : Math.max(0, group.dot(root) / lengths);
                trust += cosine;
                double weight = cosine == 0 ? 0 : cosine * root.norm() / group.norm();
                Arrays.setAll(sum, i -> sum[i] + weight * group.value(i));
            }
            double total = trust;
            if (total > 0) {
                Arrays.setAll(sum, i -> sum[i] / total);
            }
            return floats(sum);
        }
    }

    /** One number of a coordinate's values, which are sorted. */
    private static float[] byCoordinate(List<GroupMean> groups, ToDoubleFunction<double[]> ofSorted) {
        float[] merged = new float[groups.get(0).length()];
        double[] values = new double[groups.size()];
        for (int i = 0; i < merged.length; i++) {
            for (int k = 0; k < values.length; k++) {
                values[k] = groups.get(k).value(i);
            }
            Arrays.sort(values);
            merged[i] = (float) ofSorted.applyAsDouble(values);
        }
        return merged;
    }

    private static float[] weighted(List<GroupMean> groups, ToDoubleFunction<GroupMean> weight) {
        double[] sum = new double[groups.get(0).length()];
        double total = 0;
        for (GroupMean group : groups) {
            double own = weight.applyAsDouble(group);
            total += own;
            Arrays.setAll(sum, i -> sum[i] + own * group.value(i));
        }
        double all = total;
        Arrays.setAll(sum, i -> sum[i] / all);
        return floats(sum);
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
