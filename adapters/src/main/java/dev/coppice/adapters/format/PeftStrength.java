package dev.coppice.adapters.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ranks and scales of an adapter's modules.
 *
 * @param rank of modules that {@code ranks} does not name
 * @param alpha of modules that {@code alphas} does not name
 * @param rankStabilized whether the scale is alpha / sqrt(rank) in place of alpha / rank
 * @param ranks other ranks; keys are regular expressions for the ends of paths, the first that matches counts
 * @param alphas other alphas, likewise
 */
public record PeftStrength(
        int rank, double alpha, boolean rankStabilized, Map<String, Integer> ranks, Map<String, Double> alphas) {
    private static final int RANK_MAX = 1 << 16;

    /** @throws IllegalArgumentException if a rank is not positive or an alpha not finite */
    public PeftStrength {
        ranks = Collections.unmodifiableMap(new LinkedHashMap<>(ranks));
        alphas = Collections.unmodifiableMap(new LinkedHashMap<>(alphas));
        requireRank(rank);
        ranks.values().forEach(PeftStrength::requireRank);
        requireAlpha(alpha);
        alphas.values().forEach(PeftStrength::requireAlpha);
    }

    int rank(String module) throws FormatRefusedException {
        return found(ranks, module, rank);
    }

    /** What the product B A of a module is multiplied with. */
    double scale(String module) throws FormatRefusedException {
        double divisor = rank(module);
        return found(alphas, module, alpha) / (rankStabilized ? Math.sqrt(divisor) : divisor);
    }

    private static <T> T found(Map<String, T> patterns, String module, T otherwise) throws FormatRefusedException {
        for (Map.Entry<String, T> pattern : patterns.entrySet()) {
            if (PeftPattern.end(pattern.getKey()).matches(module)) {
                return pattern.getValue();
            }
        }
        return otherwise;
    }

    private static void requireRank(int rank) {
        if (rank < 1 || rank > RANK_MAX) {
            throw new IllegalArgumentException("a rank is 1 to " + RANK_MAX);
        }
    }

    private static void requireAlpha(double alpha) {
        if (!Double.isFinite(alpha)) {
            throw new IllegalArgumentException("an alpha is finite");
        }
    }
}
