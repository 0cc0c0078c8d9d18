package dev.coppice.adapters.merge;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A rule that needs the factors of each device, since it multiplies before it averages. Devices train and upload both
 * factors. It cannot work with secure aggregation; ranks may differ between devices unless the rule says otherwise.
 */
public sealed interface UpdateRule extends MergeRule permits Stacking, ProductAverage, ZeroPadding, ProductResidual {
    @Override
    default Set<Factor> trained(int round) {
        return EnumSet.allOf(Factor.class);
    }

    @Override
    default SumRule onSecureSum() throws MergeRefusedException {
        throw new MergeRefusedException("merge rule " + name()
                + " needs the factors of each device, and secure aggregation yields only their sum; rules that live on a"
                + " sum: "
                + MergeRule.all().stream()
                        .filter(rule -> rule instanceof SumRule)
                        .map(MergeRule::name)
                        .collect(Collectors.joining(", ")));
    }
}
