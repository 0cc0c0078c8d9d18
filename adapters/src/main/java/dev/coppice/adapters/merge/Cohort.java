package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** The adapters that a cohort trained from one start, checked against it, each with its share of the mean. */
final class Cohort {
    private final LoraAdapter before;
    private final List<LoraAdapter> adapters;
    private final List<Contribution> contributions;

    private Cohort(LoraAdapter before, List<LoraAdapter> adapters, List<Contribution> contributions) {
        this.before = before;
        this.adapters = adapters;
        this.contributions = contributions;
    }

    /** Uploads of whole adapters; ranks may differ, nothing else may. */
    static Cohort of(LoraAdapter before, List<Contribution> contributions) throws MergeRefusedException {
        requireSome(contributions);
        List<LoraAdapter> adapters = new ArrayList<>();
        for (Contribution contribution : contributions) {
            LoraAdapter adapter = LoraAdapter.of(contribution.uploaded(), before.scale());
            requireAlike(before, adapter);
            adapters.add(adapter);
        }
        return new Cohort(before, adapters, contributions);
    }

    /** Uploads of parts of adapters, which are otherwise as they were handed out. */
    static Cohort completing(LoraAdapter before, List<Contribution> contributions) throws MergeRefusedException {
        List<LoraAdapter> adapters = new ArrayList<>();
        for (Contribution contribution : contributions) {
            adapters.add(before.with(contribution.uploaded()));
        }
        return new Cohort(before, adapters, contributions);
    }

    /** Mean of uploads of one layout, by their weights. */
    static AdapterWeights mean(List<Contribution> contributions) throws MergeRefusedException {
        requireSome(contributions);
        ParameterLayout layout = contributions.get(0).uploaded().layout();
        double[] shares = shares(contributions);
        double[] sum = new double[layout.count()];
        for (int k = 0; k < shares.length; k++) {
            AdapterWeights uploaded = contributions.get(k).uploaded();
            if (!uploaded.layout().equals(layout)) {
                throw new MergeRefusedException("two contributions differ in layout");
            }
            float[] values = uploaded.toArray();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += shares[k] * values[i];
            }
        }
        float[] mean = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (float) sum[i];
        }
        return AdapterWeights.of(layout, mean);
    }

    /** The products of a module, device by device. */
    List<LowRank> products(String module) {
        return adapters.stream().map(adapter -> adapter.product(module)).toList();
    }

    /** {@code sum(p_i s_i B_i A_i)}, stacked. */
    LowRank meanProduct(String module) {
        double[] shares = shares(contributions);
        List<LowRank> terms = new ArrayList<>();
        for (int k = 0; k < shares.length; k++) {
            terms.add(adapters.get(k).product(module).times(shares[k]));
        }
        return LowRank.sum(terms);
    }

    /** What the round started from, with the mean of all tensors that are no factors. */
    LoraAdapter withMeanOfOthers() throws MergeRefusedException {
        List<Contribution> others = new ArrayList<>();
        for (int k = 0; k < adapters.size(); k++) {
            others.add(new Contribution(
                    adapters.get(k).part(Set.of()), contributions.get(k).weight()));
        }
        return before.with(mean(others));
    }

    /** Each device's share times a number of its own, 0 or more, made to add up to 1; the shares if all are 0. */
    double[] sharesTimes(double[] numbers) {
        double[] shares = shares(contributions);
        double[] weighted = new double[shares.length];
        Arrays.setAll(weighted, k -> shares[k] * numbers[k]);
        double sum = Arrays.stream(weighted).sum();
        return sum == 0 ? shares : Arrays.stream(weighted).map(w -> w / sum).toArray();
    }

    /** How far these products, one for each module, are from the mean of the devices' products. */
    AggregationError error(SortedMap<String, LowRank> merged) {
        double distance = 0;
        double length = 0;
        for (Map.Entry<String, LowRank> product : merged.entrySet()) {
            LowRank mean = meanProduct(product.getKey());
            distance = Math.hypot(distance, mean.minus(product.getValue()).norm());
            length = Math.hypot(length, mean.norm());
        }
        return AggregationError.of(distance, length);
    }

    private static double[] shares(List<Contribution> contributions) {
        double sum = contributions.stream().mapToDouble(Contribution::weight).sum();
        return contributions.stream().mapToDouble(c -> c.weight() / sum).toArray();
    }

    private static void requireSome(List<Contribution> contributions) throws MergeRefusedException {
        if (contributions.isEmpty()) {
            throw new MergeRefusedException("there is nothing to merge");
        }
    }

    private static void requireAlike(LoraAdapter before, LoraAdapter adapter) throws MergeRefusedException {
        if (!adapter.sizes().equals(before.sizes())
                || !adapter.part(Set.of()).layout().equals(before.part(Set.of()).layout())) {
            throw new MergeRefusedException(
                    "a contribution adapts other modules, or of other sizes, than the round's adapter");
        }
    }
}
