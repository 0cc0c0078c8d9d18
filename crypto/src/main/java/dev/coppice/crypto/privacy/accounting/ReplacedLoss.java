package dev.coppice.crypto.privacy.accounting;

/**
 * The loss of a person in the place of another: of a sample that either is in with probability {@code rate}, and then
 * moves Gaussian noise by 1, the one upwards and the other downwards. Odd in what is released, and symmetric so.
 *
 * @param rate above 0, at most 1
 */
record ReplacedLoss(NoiseShape.OfNormal noise, double rate) implements LossModel {
    @Override
    public double loss(double x) {
        return LossModel.logSampled(noise.logRatio(x, 1), rate) - LossModel.logSampled(noise.logRatio(-x, 1), rate);
    }

    /**
     * With {@code v = exp(x / s^2 - loss / 2)}, the ratio of the two densities is {@code exp(loss)} where
     * {@code v - 1 / v = 2 (1 - rate) / rate exp(1 / 2 s^2) sinh(loss / 2)}.
     */
    @Override
    public double place(double loss) {
        double variance = noise.deviation() * noise.deviation();
        double half = Math.abs(loss) / 2;
        double logSinh = half + Math.log(-Math.expm1(-2 * half) / 2);
        double logArgument = Math.log((1 - rate) / rate) + 1 / (2 * variance) + logSinh;
        double argument = Math.exp(logArgument);
        double inverse = logArgument > LARGE // of sinh
                ? Math.log(2) + logArgument
                : Math.log1p(argument + argument * argument / (1 + Math.sqrt(1 + argument * argument)));
        return Math.copySign(variance * (half + inverse), loss);
    }

    @Override
    public double from() {
        return -to();
    }

    @Override
    public double to() {
        return 1 + noise.reach();
    }

    @Override
    public Parts parts(double[] places) {
        double[] absent = noise.between(places, 0);
        double[] with = noise.between(places, 1);
        double[] without = noise.between(places, -1);
        for (int i = 0; i < absent.length; i++) {
            with[i] = (1 - rate) * absent[i] + rate * with[i];
            without[i] = (1 - rate) * absent[i] + rate * without[i];
        }
        return new Parts(with, without);
    }

    /** The upper half of those of a shift upwards, and their mirror image. */
    @Override
    public double[] fewPlaces(int fineness) {
        double[] shifted = noise.fewPlaces(1, fineness);
        int lower = 0;
        while (shifted[lower] <= 0) {
            lower++;
        }
        int upper = shifted.length - lower;
        double[] places = new double[2 * upper + 1];
        for (int i = 1; i <= upper; i++) {
            places[upper + i] = shifted[lower + i - 1];
            places[upper - i] = -shifted[lower + i - 1];
        }
        return places;
    }

    @Override
    public boolean isSymmetric() {
        return true;
    }
}
