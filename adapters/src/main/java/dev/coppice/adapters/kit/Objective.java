package dev.coppice.adapters.kit;

/**
 * What is minimised beside the cross entropy, and how a text becomes one vector. Reported losses are the cross entropy
 * alone, so that kits can be compared.
 *
 * @param proximal mu of FedProx's term mu / 2 * ||w - w0||^2 over all trained weights, where w0 is what was loaded
 *     (Li et al. 2020, equation 2); 0 or more
 * @param closeness weight of the Kullback-Leibler divergence of the adapted model from the base model without adapter,
 *     over the labelled positions; 0 or more
 * @param temperature both models' logits are divided by it in that divergence, which is multiplied by its square
 *     (Hinton et al. 2015, section 2.1); above 0
 * @param pooling for a new classification head
 */
public record Objective(double proximal, double closeness, double temperature, Pooling pooling) {
    /** Cross entropy alone. */
    public static final Objective PLAIN = new Objective(0, 0, 1, Pooling.LAST_TOKEN);

    /** @throws IllegalArgumentException if a value is out of range */
    public Objective {
        require(proximal >= 0 && Double.isFinite(proximal), "proximal is 0 or more and finite");
        require(closeness >= 0 && Double.isFinite(closeness), "closeness is 0 or more and finite");
        require(temperature > 0 && Double.isFinite(temperature), "temperature is above 0 and finite");
    }

    public Objective withProximal(double mu) {
        return new Objective(mu, closeness, temperature, pooling);
    }

    public Objective withCloseness(double weight, double atTemperature) {
        return new Objective(proximal, weight, atTemperature, pooling);
    }

    public Objective withPooling(Pooling other) {
        return new Objective(proximal, closeness, temperature, other);
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
