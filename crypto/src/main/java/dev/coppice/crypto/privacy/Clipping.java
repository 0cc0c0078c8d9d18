package dev.coppice.crypto.privacy;

/** How long an update may be at most: its L2 norm, and whether that follows what devices have. */
public sealed interface Clipping {
    /** The L2 norm of the first round. */
    double norm();

    /**
     * What a device adds to the count of updates within the norm; 0 where nobody counts.
     *
     * @param noiseMultiplier of the whole sum, 0 without noise
     */
    double indicator(double noiseMultiplier, CohortBounds cohort);

    /** The same norm in all rounds. */
    record Fixed(double norm) implements Clipping {
        @Override
        public double indicator(double noiseMultiplier, CohortBounds cohort) {
            return 0;
        }
    }

    /**
     * A norm that follows a quantile of the updates' norms (Andrew, Thakkar, McMahan and Ramaswamy 2021).
     *
     * <p>Each device tells, in one more value of the same noised and masked vector, whether its update was within the norm:
     * {@code +w} or {@code -w}. Vector and value together are one Gaussian mechanism, of sensitivity {@code sqrt(C^2 +
     * w^2)}: the paper's division {@code z^-2 = z_update^-2 + (2 sigma_b)^-2}, with {@code sigma_b = z sqrt(C^2 + w^2) / (2
     * w)} the noise in the count. As the paper has it, that is a twentieth of the devices, or else as much as the largest
     * share of the budget allows.
     *
     * @param norm of the first round, above 0
     * @param quantile part of the updates that the norm leaves alone, above 0 and below 1
     * @param rate of the geometric step, above 0 and at most 1
     */
    record Adaptive(double norm, double quantile, double rate) implements Clipping {
        /** The paper's rate (section 3.1). */
        public static final double RATE_USUAL = 0.2;

        /** The paper's noise in the count, in parts of the devices. */
        private static final double COUNT_NOISE = 0.05;

        /** Largest w in parts of C: a fifth of the squared budget, 12 % more noise in the update. */
        private static final double RATIO_MAX = 0.5;

        private static final double RATIO_WITHOUT_NOISE = 0.1;

        /** How far the norm may go from where it started, either way: a run of bad rounds must not lose it. */
        private static final double DRIFT_MAX = 1000;

        public Adaptive {
            if (!(quantile > 0 && quantile < 1 && rate > 0 && rate <= 1)) {
                throw new IllegalArgumentException(
                        "Not possible for an adaptive clip: quantile " + quantile + ", rate " + rate);
            }
        }

        @Override
        public double indicator(double noiseMultiplier, CohortBounds cohort) {
            double wanted = noiseMultiplier / (2 * COUNT_NOISE * cohort.survivorsMin(cohort.sizeMin()));
            return norm * (noiseMultiplier == 0 ? RATIO_WITHOUT_NOISE : Math.min(RATIO_MAX, wanted));
        }

        /**
         * The next round's norm: {@code C exp(-rate (part - quantile))}.
         *
         * @param current this round's
         * @param part of the updates that were within it, as the noised sum tells; taken as 0 or 1 beyond those
         */
        public double next(double current, double part) {
            double step = Math.exp(-rate * (Math.max(0, Math.min(1, part)) - quantile));
            return Math.max(norm / DRIFT_MAX, Math.min(norm * DRIFT_MAX, current * step));
        }
    }
}
