package dev.coppice.crypto.privacy.accounting;

import java.util.List;

/**
 * What releases reveal, as the distribution of their privacy loss: the tightest of the accountants. Charges Gaussian and
 * Laplace noise, each also on Poisson samples, Gaussian noise on truncated ones, and mixtures of Gaussians; sums of discrete Gaussians have no loss
 * distribution here and are charged by {@link RdpAccountant}.
 *
 * <p>Each release's loss is moved to dots, upwards only ({@link LossDots}); releases are added up by Fourier transforms
 * (Koskela, Jälkö and Honkela 2020), of losses tilted towards the delta in question, so that small deltas have their
 * digits. Both directions are computed, a person that is there and one that is not, and the worse is told.
 */
public final class PldAccountant implements Accountant {
    private static final PldAccountant USUAL = new PldAccountant();

    private PldAccountant() {}

    /** The one there is: it has no settings and keeps nothing. */
    public static PldAccountant usual() {
        return USUAL;
    }

    @Override
    public double epsilon(PrivacyEvent event, double delta) throws EventNotSupportedException {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("Delta must be above 0 and below 1, not " + delta);
        }
        LossModels models = LossModels.of(event);
        if (models.isNoiseless()) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        for (LossSum direction : directions(models)) {
            worst = Math.max(worst, direction.epsilon(delta));
        }
        return worst;
    }

    @Override
    public double delta(PrivacyEvent event, double epsilon) throws EventNotSupportedException {
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("Epsilon must be 0 or more, not " + epsilon);
        }
        LossModels models = LossModels.of(event);
        if (models.isNoiseless()) {
            return 1;
        }
        double worst = 0;
        for (LossSum direction : directions(models)) {
            worst = Math.max(worst, direction.delta(epsilon));
        }
        return worst;
    }

    private static List<LossSum> directions(LossModels models) {
        if (models.counts().isEmpty()) {
            return List.of();
        }
        LossSum one = new LossSum(models, LossDots.Pair::removed);
        return models.isSymmetric() ? List.of(one) : List.of(one, new LossSum(models, LossDots.Pair::added));
    }
}
