package dev.coppice.crypto.privacy.accounting;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Rényi divergences at a list of orders: what a release, or several together, reveal. Immutable.
 *
 * <p>Composition is addition at each order (Mironov 2017, proposition 1), also when later releases depend on earlier
 * ones.
 */
public final class RdpCurve {
    /** Below it the conversion to epsilon loses its digits. */
    private static final double ORDER_MIN = 1.01;

    private final double[] orders;
    private final double[] divergences;

    private RdpCurve(double[] orders, double[] divergences) {
        this.orders = orders;
        this.divergences = divergences;
    }

    /**
     * The curve that has {@code divergence.applyAsDouble(order)} at each order.
     *
     * @param orders each at least 1, copied
     * @throws IllegalArgumentException if a divergence is negative or not a number
     */
    public static RdpCurve of(double[] orders, DoubleUnaryOperator divergence) {
        double[] own = orders.clone();
        double[] divergences = Arrays.stream(own).map(divergence).toArray();
        for (int i = 0; i < own.length; i++) {
            if (!(own[i] >= 1 && divergences[i] >= 0)) {
                throw new IllegalArgumentException("Not a divergence: " + divergences[i] + " of order " + own[i]);
            }
        }
        return new RdpCurve(own, divergences);
    }

    /**
     * Both together.
     *
     * @throws IllegalArgumentException if the orders differ
     */
    public RdpCurve plus(RdpCurve other) {
        if (!Arrays.equals(orders, other.orders)) {
            throw new IllegalArgumentException("Curves of different orders cannot be added");
        }
        double[] sum = divergences.clone();
        Arrays.setAll(sum, i -> divergences[i] + other.divergences[i]);
        return new RdpCurve(orders, sum);
    }

    /** This, {@code count} times over; 0 and more. */
    public RdpCurve times(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("Nothing can be released " + count + " times");
        }
        double[] product = divergences.clone();
        Arrays.setAll(product, i -> count == 0 ? 0 : count * divergences[i]);
        return new RdpCurve(orders, product);
    }

    /**
     * The divergence of {@code order}, in nats.
     *
     * @throws IllegalArgumentException if the curve has no such order
     */
    public double divergence(double order) {
        int index = Arrays.binarySearch(orders, order);
        if (index < 0) {
            throw new IllegalArgumentException("No order " + order);
        }
        return divergences[index];
    }

    /**
     * The least epsilon that follows at any of the orders; infinite if none gives one.
     *
     * <p>Balle et al. 2020, theorem 21, as in Google's {@code dp_accounting}: {@code r + log(1 - 1/a) - log(delta a) / (a
     * - 1)}, and 0 where {@code delta} alone covers the total variation distance.
     *
     * @param delta above 0, below 1
     */
    public double epsilon(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("Delta must be above 0 and below 1, not " + delta);
        }
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < orders.length; i++) {
            least = Math.min(least, epsilon(orders[i], divergences[i], delta));
        }
        return Math.max(0, least);
    }

    /**
     * The least delta that goes with {@code epsilon} at any of the orders: Canonne et al. 2020, proposition 12, and the
     * total variation distance that the divergence allows (Bretagnolle and Huber 1979).
     *
     * @param epsilon 0 and more
     */
    public double delta(double epsilon) {
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("Epsilon must be 0 or more, not " + epsilon);
        }
        double least = 0;
        for (int i = 0; i < orders.length; i++) {
            least = Math.min(least, logDelta(orders[i], divergences[i], epsilon));
        }
        return Math.exp(least);
    }

    private static double logDelta(double order, double divergence, double epsilon) {
        double distance = 0.5 * Math.log(-Math.expm1(-divergence));
        if (order <= ORDER_MIN || divergence == Double.POSITIVE_INFINITY) {
            return distance;
        }
        return Math.min(distance, (order - 1) * (divergence - epsilon + Math.log1p(-1 / order)) - Math.log(order));
    }

    private static double epsilon(double order, double divergence, double delta) {
        if (delta * delta + Math.expm1(-divergence) > 0) {
            return 0;
        }
        if (order <= ORDER_MIN) {
            return Double.POSITIVE_INFINITY;
        }
        return divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1);
    }
}
