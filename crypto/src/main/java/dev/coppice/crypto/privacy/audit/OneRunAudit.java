package dev.coppice.crypto.privacy.audit;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * How well somebody guessed which canaries had been inserted, each by a fair coin of its own: Steinke, Nasr and Jagielski
 * 2023, "Privacy Auditing with One (1) Training Run" (arXiv 2305.08846, theorem 5.2 and appendix D). Supposes nothing
 * about the mechanism, and so sees far less than there is: of {@code m} canaries, all guessed right, no more than about
 * {@code ln(m / ln(1 / (1 - confidence)))}.
 *
 * @param canaries that a coin was flipped for, at least 1
 * @param guesses made, 0 to {@code canaries}; for how many was settled before anything was seen
 * @param correct of these
 */
public record OneRunAudit(int canaries, int guesses, int correct) {
    private static final double EPSILON_MAX = 700;
    private static final int HALVINGS = 60;

    public OneRunAudit {
        if (canaries < 1 || guesses < 0 || guesses > canaries || correct < 0 || correct > guesses) {
            throw new IllegalArgumentException(
                    "Not possible: %d canaries, %d guesses, %d correct".formatted(canaries, guesses, correct));
        }
    }

    /**
     * Guesses that the half of {@code guesses} with the highest scores was inserted and the half with the lowest not.
     *
     * @param scores of each canary: the higher, the more it looks inserted
     * @param inserted what the coins said
     * @param guesses even
     */
    public static OneRunAudit of(double[] scores, BitSet inserted, int guesses) {
        if (guesses % 2 != 0) {
            throw new IllegalArgumentException("As many guesses either way: not " + guesses);
        }
        List<Integer> ascending = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .toList();
        int half = guesses / 2;
        long correct = ascending.subList(0, half).stream()
                        .filter(i -> !inserted.get(i))
                        .count()
                + ascending.subList(scores.length - half, scores.length).stream()
                        .filter(inserted::get)
                        .count();
        return new OneRunAudit(scores.length, guesses, (int) correct);
    }

    /**
     * The probability to guess so well, or better, under any mechanism that is ({@code epsilon}, {@code delta})-private:
     * at most this.
     */
    public double pValue(double epsilon, double delta) {
        if (!(epsilon >= 0) || !(delta >= 0 && delta <= 1)) {
            throw new IllegalArgumentException("Not possible: epsilon " + epsilon + ", delta " + delta);
        }
        double logRight = -Math.log1p(Math.exp(-epsilon));
        double logWrong = logRight - epsilon;
        double likelyWorst = 0;
        double sum = 0;
        for (int i = 1; i <= correct; i++) {
            sum += Math.exp(
                    logChoose(guesses, correct - i) + (correct - i) * logRight + (guesses - correct + i) * logWrong);
            likelyWorst = Math.max(likelyWorst, sum / i);
        }
        double asGood = correct == 0
                ? 1
                : RegularizedBeta.value(1 / (1 + Math.exp(-epsilon)), correct, guesses - correct + 1.0);
        return Math.min(1, asGood + 2 * canaries * delta * likelyWorst);
    }

    /**
     * The epsilon that is too small to explain the guesses, all smaller ones as well; 0 if none is.
     *
     * @param delta of the claim, 0 to 1
     * @param confidence above 0, below 1: a private mechanism is refuted with probability at most {@code 1 - confidence}
     */
    public double epsilonLowerBound(double delta, double confidence) {
        double chance = Confidence.chance(confidence);
        if (pValue(0, delta) >= chance) {
            return 0;
        }
        double low = 0;
        double high = 1;
        while (high < EPSILON_MAX && pValue(high, delta) < chance) {
            low = high;
            high *= 2;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (pValue(middle, delta) < chance) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static double logChoose(int from, int count) {
        return LogGamma.value(from + 1.0) - LogGamma.value(count + 1.0) - LogGamma.value(from - count + 1.0);
    }
}
