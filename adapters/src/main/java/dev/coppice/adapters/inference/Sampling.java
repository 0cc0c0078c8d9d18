package dev.coppice.adapters.inference;

/**
 * How the next token is chosen among the likely ones. In this order: logits of tokens that are already in the text are
 * weakened by the repetition penalty (Keskar et al. 2019, section 4.1), all are divided by the temperature, those after
 * the {@code topK} likeliest are dropped (Fan et al. 2018), then those that are not needed for a total probability of
 * {@code topP} (Holtzman et al. 2020, section 3.1), and one is drawn.
 *
 * @param temperature 0 takes the likeliest token (the lowest id of several); 1 draws from the model's distribution; at
 *     most 100
 * @param topK at least 1; {@link Integer#MAX_VALUE} for no limit
 * @param topP above 0; 1 for no limit
 * @param repetitionPenalty at least 1, which is none, and at most 100
 */
public record Sampling(double temperature, int topK, double topP, double repetitionPenalty) {
    private static final double MAX = 100;

    /** @throws IllegalArgumentException if a value is out of range */
    public Sampling {
        require(temperature >= 0 && temperature <= MAX, "a temperature is 0 to 100");
        require(topK >= 1, "top-k is at least 1");
        require(topP > 0 && topP <= 1, "top-p is above 0 and at most 1");
        require(repetitionPenalty >= 1 && repetitionPenalty <= MAX, "a repetition penalty is 1 to 100");
    }

    /** Always the likeliest token. */
    public static Sampling greedy() {
        return new Sampling(0, Integer.MAX_VALUE, 1, 1);
    }

    /** Draws from the likeliest tokens that together have this probability. */
    public static Sampling nucleus(double temperature, double topP) {
        return new Sampling(temperature, Integer.MAX_VALUE, topP, 1);
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
