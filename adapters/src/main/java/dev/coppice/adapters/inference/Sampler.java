package dev.coppice.adapters.inference;

import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** Chooses tokens by {@link Sampling}. Equal logits and equal random bytes give equal tokens. Not thread-safe. */
final class Sampler {
    private static final long IDS = 0xffff_ffffL;

    private final Sampling sampling;
    private final RandomSource random;
    private final BitSet seen = new BitSet();

    Sampler(Sampling sampling, RandomSource random) {
        this.sampling = sampling;
        this.random = random;
    }

    /** Tokens that the text has, for the repetition penalty. */
    void see(int... tokens) {
        for (int token : tokens) {
            seen.set(token);
        }
    }

    /**
     * The token that follows.
     *
     * @param logits one for each id; they are changed
     * @throws EngineException if a logit is no number
     */
    int choose(float[] logits) throws EngineException {
        if (sampling.repetitionPenalty() != 1) {
            penalize(logits);
        }
        int likeliest = likeliest(logits);
        return sampling.temperature() == 0 ? likeliest : draw(logits, logits[likeliest]);
    }

    private void penalize(float[] logits) {
        seen.stream().filter(token -> token < logits.length).forEach(token -> {
            double penalty = sampling.repetitionPenalty();
            logits[token] = (float) (logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty);
        });
    }

    private static int likeliest(float[] logits) throws EngineException {
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            if (Float.isNaN(logits[i])) {
                throw new EngineException("the model's logits are not numbers");
            }
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    private int draw(float[] logits, float highest) {
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = Math.exp((logits[i] - highest) / sampling.temperature());
            total += weights[i];
        }
        int[] candidates = candidates(weights, total);
        double left = uniform() * sum(weights, candidates);
        int chosen = candidates[0];
        for (int candidate : candidates) {
            if (weights[candidate] > 0) {
                chosen = candidate;
                left -= weights[candidate];
                if (left < 0) {
                    break;
                }
            }
        }
        return chosen;
    }

    private int[] candidates(double[] weights, double total) {
        if (sampling.topK() >= weights.length && sampling.topP() == 1) {
            return IntStream.range(0, weights.length).toArray();
        }
        // The tokens below this have less than 1 - topP together: the others are enough, and far fewer to sort.
        double least = sampling.topK() < weights.length ? 0 : (1 - sampling.topP()) * total / weights.length;
        int[] likeliestFirst = IntStream.range(0, weights.length)
                .filter(i -> weights[i] >= least)
                .mapToLong(i -> (long) Float.floatToIntBits((float) weights[i]) << Integer.SIZE | (~i & IDS))
                .sorted()
                .mapToInt(key -> ~(int) key)
                .toArray();
        reverse(likeliestFirst);
        int[] first = Arrays.copyOf(likeliestFirst, Math.min(sampling.topK(), likeliestFirst.length));
        double enough = sampling.topP() * (sampling.topK() < weights.length ? sum(weights, first) : total);
        int count = 0;
        for (double sum = 0; count < first.length && sum < enough; count++) {
            sum += weights[first[count]];
        }
        return Arrays.copyOf(first, Math.max(1, count));
    }

    /** In [0, 1), of 53 random bits. */
    private double uniform() {
        return (ByteBuffer.wrap(random.bytes(Long.BYTES)).getLong() >>> 11) * 0x1p-53;
    }

    private static double sum(double[] weights, int[] of) {
        double sum = 0;
        for (int i : of) {
            sum += weights[i];
        }
        return sum;
    }

    private static void reverse(int[] values) {
        for (int i = 0, j = values.length - 1; i < j; i++, j--) {
            int first = values[i];
            values[i] = values[j];
            values[j] = first;
        }
    }
}
