package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.RandomizedResponse;

/** Rényi divergences that are known in closed form. */
final class OtherDivergences {
    private OtherDivergences() {}

    /** Laplace noise that is {@code epsilon}-private: Mironov 2017, proposition 6. */
    static double laplace(double epsilon, double order) {
        if (order == 1) {
            return epsilon + Math.expm1(-epsilon);
        }
        if (epsilon == Double.POSITIVE_INFINITY) {
            return epsilon;
        }
        double fall = Math.expm1(epsilon * (1 - 2 * order)) / (2 * order - 1);
        return epsilon + Math.log1p((order - 1) * fall) / (order - 1);
    }

    /** The larger of the two directions between the answer's distribution and the uniform one. */
    static double randomizedResponse(RandomizedResponse event, double order) {
        double truth = event.buckets() * (1 - event.noise()) + event.noise(); // density over the uniform one
        double rest = event.noise();
        if (truth == 1) {
            return 0;
        }
        if (order == Double.POSITIVE_INFINITY || rest == 0) {
            return rest == 0 ? Double.POSITIVE_INFINITY : Math.max(Math.log(truth), -Math.log(rest));
        }
        if (order == 1) {
            return Math.max(
                    mean(event, truth * Math.log(truth), rest * Math.log(rest)),
                    mean(event, -Math.log(truth), -Math.log(rest)));
        }
        return Math.max(power(event, truth, rest, order), power(event, truth, rest, 1 - order)) / (order - 1);
    }

    /** {@code log(mean(density^exponent))}, scaled by the larger of the two powers. */
    private static double power(RandomizedResponse event, double truth, double rest, double exponent) {
        double one = exponent * Math.log(truth);
        double other = exponent * Math.log(rest);
        double largest = Math.max(one, other);
        return largest + Math.log(mean(event, Math.exp(one - largest), Math.exp(other - largest)));
    }

    private static double mean(RandomizedResponse event, double ofTruth, double ofRest) {
        return (ofTruth + (event.buckets() - 1) * ofRest) / event.buckets();
    }

    /** The concentrated bound of mechanisms of bounded range (Dong, Durfee and Rogers 2019), and at most epsilon. */
    static double exponential(double epsilon, double order) {
        if (epsilon == 0) {
            return 0;
        }
        double ratio = epsilon / Math.expm1(epsilon);
        double kullbackLeibler = Math.max(0, ratio - 1 - Math.log(ratio));
        return Math.min(kullbackLeibler + epsilon * epsilon / 8 * (order - 1), epsilon);
    }
}
