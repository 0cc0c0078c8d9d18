package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.DistributedGaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Tree;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.ZeroConcentrated;

/**
 * What releases reveal as one number: they are {@code rho}-zero-concentrated differentially private (Bun and Steinke
 * 2016), and rho adds up. A ledger can keep it. Charges what is Gaussian throughout, sums of discrete Gaussians and trees
 * too.
 */
public final class ConcentratedAccountant implements Accountant {
    private static final ConcentratedAccountant USUAL = new ConcentratedAccountant();

    /** Orders less 1, evenly in their logarithm: the best is flat, so that 1 % between them costs no digit that counts. */
    private static final double ORDER_FROM = 1e-4;

    private static final double ORDER_TO = 1e7;
    private static final double ORDER_RATIO = 1.005;

    private ConcentratedAccountant() {}

    /** The one there is. */
    public static ConcentratedAccountant usual() {
        return USUAL;
    }

    /** The rho of all of {@code event}. */
    public static double rho(PrivacyEvent event) throws EventNotSupportedException {
        EventCounts counts = EventCounts.of(event);
        double rho = 0;
        for (PrivacyEvent single : counts.events()) {
            rho += counts.count(single) * single(single);
        }
        return rho;
    }

    /** The noise multiplier of one Gaussian release that costs as much as all of {@code event}; infinite for nothing. */
    public static double noiseMultiplier(PrivacyEvent event) throws EventNotSupportedException {
        return 1 / Math.sqrt(2 * rho(event));
    }

    @Override
    public double epsilon(PrivacyEvent event, double delta) throws EventNotSupportedException {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("Delta must be above 0 and below 1, not " + delta);
        }
        double rho = rho(event);
        double least = Double.POSITIVE_INFINITY;
        for (double over = ORDER_FROM; over < ORDER_TO; over *= ORDER_RATIO) {
            double order = 1 + over;
            least = Math.min(least, rho * order + Math.log1p(-1 / order) - Math.log(delta * order) / over);
        }
        return rho == 0 ? 0 : Math.max(0, least);
    }

    @Override
    public double delta(PrivacyEvent event, double epsilon) throws EventNotSupportedException {
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("Epsilon must be 0 or more, not " + epsilon);
        }
        double rho = rho(event);
        double least = 0;
        for (double over = ORDER_FROM; over < ORDER_TO; over *= ORDER_RATIO) {
            double order = 1 + over;
            least = Math.min(least, over * (rho * order - epsilon + Math.log1p(-1 / order)) - Math.log(order));
        }
        return rho == 0 ? 0 : Math.exp(least);
    }

    private static double single(PrivacyEvent event) throws EventNotSupportedException {
        if (event instanceof Gaussian gaussian) {
            return ofMultiplier(gaussian.noiseMultiplier());
        }
        if (event instanceof DistributedGaussian sum) {
            return ofMultiplier(sum.noise().noiseMultiplier());
        }
        if (event instanceof ZeroConcentrated concentrated) {
            return concentrated.rho();
        }
        if (event instanceof Tree tree) {
            return tree.depth() * ofMultiplier(tree.noiseMultiplier());
        }
        Refusals.ifNeeded(event, "concentrated", true);
        throw new IllegalStateException("Refused before");
    }

    private static double ofMultiplier(double multiplier) {
        return 1 / (2 * multiplier * multiplier);
    }
}
