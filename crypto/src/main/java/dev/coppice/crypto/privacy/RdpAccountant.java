package dev.coppice.crypto.privacy;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What a release reveals, as Rényi divergences between a sum with a device's update and the sum without it. */
public final class RdpAccountant {
    private static final double[] ORDERS = DoubleStream.concat(
                    IntStream.range(11, 110).mapToDouble(tenths -> tenths / 10.0),
                    DoubleStream.concat(
                            IntStream.rangeClosed(11, 63).asDoubleStream(), DoubleStream.of(128, 256, 512, 1024)))
            .toArray();

    private RdpAccountant() {}

    /** The orders that curves have where none are given: 1.1 to 10.9 by tenths, 11 to 63, 128, 256, 512, 1024. */
    public static double[] orders() {
        return ORDERS.clone();
    }

    /**
     * One release under Gaussian noise of {@code noiseMultiplier} times the sensitivity: {@code order / (2 z^2)}.
     *
     * @param noiseMultiplier 0 (infinite divergences) and more
     */
    public static RdpCurve gaussian(double noiseMultiplier) {
        if (!(noiseMultiplier >= 0)) {
            throw new IllegalArgumentException("Not a noise multiplier: " + noiseMultiplier);
        }
        return RdpCurve.of(ORDERS, order -> order / (2 * noiseMultiplier * noiseMultiplier));
    }

    /** One release under the sum of discrete Gaussians, at the usual orders. */
    public static RdpCurve distributedGaussian(DistributedNoise noise) {
        return distributedGaussian(noise, ORDERS);
    }

    /** One release under the sum of discrete Gaussians: Kairouz, Liu and Steinke 2021, proposition 14. */
    static RdpCurve distributedGaussian(DistributedNoise noise, double[] orders) {
        double deviation = noise.deviation();
        double distance = noise.distanceToGaussian();
        double l2 = noise.sensitivity() / deviation;
        double l1 = noise.sensitivityL1() / deviation;
        double root = Math.sqrt(noise.dimension());
        return RdpCurve.of(orders, order -> {
            double half = order / 2;
            double first = half * l2 * l2 + distance * noise.dimension();
            double second = half * (l2 * l2 + 2 * distance * l1 + distance * distance * noise.dimension());
            double third = half * Math.pow(l2 + root * distance, 2);
            return Math.min(first, Math.min(second, third));
        });
    }

    /**
     * Epsilon of {@code participations} releases under Gaussian noise.
     *
     * @param noiseMultiplier above 0
     * @param delta above 0, below 1
     */
    public static double epsilon(double noiseMultiplier, int participations, double delta) {
        return gaussian(noiseMultiplier).times(participations).epsilon(delta);
    }
}
