package dev.coppice.crypto.privacy;

import java.util.ArrayList;
import java.util.List;

/**
 * The discrete Gaussian from tables, in constant time. A small one has one table. A larger one is {@code X1 + 3 X2} with
 * {@code sigma^2 = v1 + 9 v2}, and {@code X2} is made so in turn (Micciancio and Walter 2017): by Poisson's summation
 * formula every probability of such a sum is right up to a factor within {@code 1 +- 2.1 exp(-2 pi^2 v1 v2 / sigma^2)},
 * which {@code v1} of 36 and more keeps near to 1 by 2^-90. Immutable.
 */
final class TableGaussian extends IntegerGaussian {
    /** Three costs the fewest comparisons: some 38 for each doubling of sigma. */
    private static final int FACTOR = 3;

    private static final long FINE_VARIANCE_MIN = 36;

    /** From here on two parts cost less than one, and {@code v1 v2 / sigma^2} is at least {@code SMOOTHING}. */
    private static final long VARIANCE_OF_TWO_PARTS = 256;

    private static final double SMOOTHING = 3.25;

    /** From the finest to the coarsest. */
    private final List<GaussianTable> parts = new ArrayList<>();

    /** @param sigma 1 to 2^20 */
    TableGaussian(int sigma) {
        if (sigma < 1 || sigma > EncodingParameters.SIGMA_MAX) {
            throw new IllegalArgumentException("Sigma must be 1 to 2^20, not " + sigma);
        }
        long variance = (long) sigma * sigma;
        while (variance >= VARIANCE_OF_TWO_PARTS) {
            long coarse = (variance - FINE_VARIANCE_MIN) / (FACTOR * FACTOR);
            parts.add(new GaussianTable(variance - FACTOR * FACTOR * coarse));
            variance = coarse;
        }
        parts.add(new GaussianTable(variance));
    }

    @Override
    void addTo(int[] values, RandomBits bits) {
        try (GaussianTable.Batch batch = new GaussianTable.Batch()) {
            for (int from = 0; from < values.length; from += GaussianTable.Batch.SIZE) {
                int factor = 1;
                for (GaussianTable part : parts) {
                    part.add(factor, bits, batch);
                    factor *= FACTOR;
                }
                batch.moveTo(values, from);
            }
        }
    }

    /** Distances of the parts add up, and at each seam twice the factor's distance from 1 bounds the sum's. */
    @Override
    public double distance() {
        double seams = (parts.size() - 1) * 2 * 2.1 * Math.exp(-2 * Math.PI * Math.PI * SMOOTHING);
        return seams + parts.stream().mapToDouble(GaussianTable::distance).sum();
    }

    /** From the finest to the coarsest; each counts three times the one before. */
    List<GaussianTable> parts() {
        return List.copyOf(parts);
    }
}
