package dev.coppice.adapters.merge;

import java.util.EnumSet;
import java.util.Set;

/**
 * FedSVD (Lee et al. 2025, arXiv 2505.12805): as {@link FrozenA}, and after each merge the server turns the product into
 * {@code U S V'} and hands out {@code B = U S} and {@code A = V'}, whose rows are orthonormal: A follows the data though
 * no device trains it. Works on what is merged already, so that it costs no privacy, and leaves the product as it is.
 * A server optimizer with momentum remembers directions of the factor before, and does not go with it.
 */
public record SvdRefresh() implements SumRule {
    @Override
    public String name() {
        return "fedsvd";
    }

    @Override
    public Set<Factor> trained(int round) {
        return EnumSet.of(Factor.B);
    }

    /** The same products, A orthonormal. A module whose product is still zero keeps its factors. */
    @Override
    public LoraAdapter finished(LoraAdapter applied) {
        return applied.withEach(SvdRefresh::refreshed);
    }

    private static LowRank refreshed(LowRank product) {
        return product.norm() == 0 ? product : product.truncated(product.rank()).padded(product.rank(), product);
    }
}
