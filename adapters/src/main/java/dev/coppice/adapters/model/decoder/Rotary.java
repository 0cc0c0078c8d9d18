package dev.coppice.adapters.model.decoder;

/**
 * Rotary positions (Su et al. 2021): pair {@code i} of a head's {@code width / 2} pairs turns by {@code position *
 * base^(-2 i / width)}, slowed down for contexts longer than those of training.
 *
 * @param base the "theta" of configurations, above 1
 */
public record Rotary(double base, Stretch stretch) {
    private static final Rotary USUAL = new Rotary(10_000, new Stretch.None());

    /** How frequencies are lowered. */
    public sealed interface Stretch {
        /** Not at all. */
        record None() implements Stretch {}

        /** All by one factor (Chen et al. 2023). */
        record Linear(double factor) implements Stretch {
            public Linear {
                requireFactor(factor);
            }
        }

        /**
         * As Llama 3.1 does it: waves that fit the context of training more than {@code highFactor} times stay, those
         * that fit less than {@code lowFactor} times are slowed down by {@code factor}, those between are blended.
         *
         * @param lengthTrained tokens of the context before it was stretched
         */
        record Llama3(double factor, double lowFactor, double highFactor, double lengthTrained) implements Stretch {
            public Llama3 {
                requireFactor(factor);
                if (!(lowFactor > 0 && highFactor > lowFactor && lengthTrained >= 1)
                        || Double.isInfinite(highFactor)
                        || Double.isInfinite(lengthTrained)) {
                    throw new IllegalArgumentException("the factors of a rotary stretch do not fit each other");
                }
            }
        }

        private static void requireFactor(double factor) {
            if (!(factor >= 1) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException("a rotary stretch has a factor of at least 1, not " + factor);
            }
        }
    }

    /** @throws IllegalArgumentException if the base is out of range */
    public Rotary {
        if (!(base > 1) || Double.isInfinite(base)) {
            throw new IllegalArgumentException("rotary positions need a base above 1, not " + base);
        }
    }

    /** Base 10,000 and no stretch. */
    public static Rotary usual() {
        return USUAL;
    }

    /** Positions in which a pair turns by one radian. */
    double wave(int pair, int headWidth) {
        double plain = Math.pow(base, 2.0 * pair / headWidth);
        if (stretch instanceof Stretch.Linear linear) {
            return plain * linear.factor();
        }
        return stretch instanceof Stretch.Llama3 llama ? blended(plain, llama) : plain;
    }

    /** Frequencies, the inverse of waves, are what is blended. */
    private static double blended(double plain, Stretch.Llama3 stretch) {
        double fits = stretch.lengthTrained() / (2 * Math.PI * plain);
        double kept = (fits - stretch.lowFactor()) / (stretch.highFactor() - stretch.lowFactor());
        double share = Math.max(0, Math.min(1, kept));
        return plain / (share + (1 - share) / stretch.factor());
    }
}
