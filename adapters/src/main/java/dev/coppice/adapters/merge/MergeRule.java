package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What becomes of the factors that devices trained: which of them a device trains and uploads, and how the server brings
 * them together. How a mean is then applied is the {@link ServerOptimizer}'s matter. Tensors that are no factors (a
 * head) are trained, uploaded and averaged by every rule. Rounds are counted from 0. Stateless, for any threads.
 */
public sealed interface MergeRule permits SumRule, UpdateRule {
    /** The rule's short name, for example {@code ffa}. */
    String name();

    /** The factors that a device trains in this round; the other is as it was handed out. */
    Set<Factor> trained(int round);

    /** The factors that leave a device in this round: those that it trained, but for rules that let it keep some. */
    default Set<Factor> uploaded(int round) {
        return trained(round);
    }

    /**
     * Merges uploads that the server sees one by one.
     *
     * @param before what the round started from
     * @param contributions at least one contribution; their order does not matter
     * @throws MergeRefusedException if there is none, or one has another layout or a value that is not finite
     */
    MergeOutcome merge(LoraAdapter before, List<Contribution> contributions, int round) throws MergeRefusedException;

    /**
     * This rule where the server learns nothing but the sum over a cohort.
     *
     * @throws MergeRefusedException if the rule needs each device's factors
     */
    SumRule onSecureSum() throws MergeRefusedException;

    /** What a device uploads of the adapter that it trained. */
    default AdapterWeights upload(LoraAdapter trained, int round) {
        return trained.part(uploaded(round));
    }

    /** All rules there are. */
    static List<MergeRule> all() {
        return List.of(
                new FactorAverage(),
                new FrozenA(),
                new Alternation(),
                new SharedA(),
                new SvdRefresh(),
                new Stacking(),
                new ProductAverage(),
                new ZeroPadding(),
                new ProductResidual());
    }

    /**
     * The rule of this name.
     *
     * @throws MergeRefusedException if there is none
     */
    static MergeRule named(String name) throws MergeRefusedException {
        return all().stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new MergeRefusedException("a merge rule is one of "
                        + all().stream().map(MergeRule::name).collect(Collectors.joining(", "))));
    }
}
