package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Composed;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.DistributedGaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Exponential;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.FixedSizeSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Laplace;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.MixtureOfGaussians;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.RandomizedResponse;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.SelfComposed;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Tree;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.TruncatedSample;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.ZeroConcentrated;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What releases reveal, as Rényi divergences at a list of orders (Mironov 2017). Charges every event but mixtures and
 * truncated samples. */
public final class RdpAccountant implements Accountant {
    private static final double[] ORDERS = DoubleStream.concat(
                    IntStream.range(11, 110).mapToDouble(tenths -> tenths / 10.0),
                    DoubleStream.concat(
                            IntStream.rangeClosed(11, 63).asDoubleStream(), DoubleStream.of(128, 256, 512, 1024)))
            .toArray();

    private final double[] orders;

    private RdpAccountant(double[] orders) {
        this.orders = orders;
    }

    /** With the usual orders. */
    public static RdpAccountant usual() {
        return new RdpAccountant(ORDERS);
    }

    /** With other orders, each at least 1; copied. */
    public static RdpAccountant withOrders(double[] orders) {
        return new RdpAccountant(orders.clone());
    }

    /** The orders that curves have where none are given: 1.1 to 10.9 by tenths, 11 to 63, 128, 256, 512, 1024. */
    public static double[] orders() {
        return ORDERS.clone();
    }

    @Override
    public double epsilon(PrivacyEvent event, double delta) throws EventNotSupportedException {
        return curve(event).epsilon(delta);
    }

    @Override
    public double delta(PrivacyEvent event, double epsilon) throws EventNotSupportedException {
        return curve(event).delta(epsilon);
    }

    /** All divergences of an event. */
    public RdpCurve curve(PrivacyEvent event) throws EventNotSupportedException {
        EventCounts counts = EventCounts.of(event);
        RdpCurve sum = RdpCurve.of(orders, order -> 0);
        for (PrivacyEvent single : counts.events()) {
            sum = sum.plus(single(single).times(counts.count(single)));
        }
        return sum;
    }

    private RdpCurve single(PrivacyEvent event) throws EventNotSupportedException {
        Refusals.ifNeeded(
                event,
                "Renyi",
                event instanceof MixtureOfGaussians || event instanceof TruncatedSample || isSampledOtherNoise(event));
        return event.match(new Curves());
    }

    private static boolean isSampledOtherNoise(PrivacyEvent event) {
        if (event instanceof PoissonSampled sampled) {
            return GaussianEvents.multiplier(sampled.event()).isEmpty();
        }
        return event instanceof FixedSizeSampled sampled
                && GaussianEvents.multiplier(sampled.event()).isEmpty();
    }

    /**
     * One release under Gaussian noise of {@code noiseMultiplier} times the sensitivity: {@code order / (2 z^2)}.
     *
     * @param noiseMultiplier 0 (infinite divergences) and more
     */
    public static RdpCurve gaussian(double noiseMultiplier) {
        return gaussian(noiseMultiplier, ORDERS);
    }

    private static RdpCurve gaussian(double noiseMultiplier, double[] orders) {
        if (!(noiseMultiplier >= 0)) {
            throw new IllegalArgumentException("Not a noise multiplier: " + noiseMultiplier);
        }
        return RdpCurve.of(orders, order -> order / (2 * noiseMultiplier * noiseMultiplier));
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

    /** The curve of each kind of event that is supported. */
    private final class Curves implements PrivacyEvent.Cases<RdpCurve> {
        @Override
        public RdpCurve gaussian(Gaussian event) {
            return RdpAccountant.gaussian(event.noiseMultiplier(), orders);
        }

        @Override
        public RdpCurve distributedGaussian(DistributedGaussian event) {
            return RdpAccountant.distributedGaussian(event.noise(), orders);
        }

        @Override
        public RdpCurve laplace(Laplace event) {
            return RdpCurve.of(orders, order -> OtherDivergences.laplace(1 / event.noiseMultiplier(), order));
        }

        @Override
        public RdpCurve zeroConcentrated(ZeroConcentrated event) {
            return RdpCurve.of(orders, order -> event.rho() * order);
        }

        @Override
        public RdpCurve poissonSampled(PoissonSampled event) {
            double z = GaussianEvents.multiplier(event.event()).orElseThrow();
            return RdpCurve.of(orders, order -> PoissonDivergence.of(event.rate(), z, order));
        }

        @Override
        public RdpCurve fixedSizeSampled(FixedSizeSampled event) {
            double z = GaussianEvents.multiplier(event.event()).orElseThrow();
            FixedSizeDivergence divergence = new FixedSizeDivergence(event.rate(), z, orders);
            return RdpCurve.of(orders, divergence::of);
        }

        @Override
        public RdpCurve truncatedSample(TruncatedSample event) {
            throw new IllegalStateException("Refused before");
        }

        @Override
        public RdpCurve mixtureOfGaussians(MixtureOfGaussians event) {
            throw new IllegalStateException("Refused before");
        }

        @Override
        public RdpCurve tree(Tree event) {
            return RdpAccountant.gaussian(event.noiseMultiplier(), orders).times(event.depth());
        }

        @Override
        public RdpCurve randomizedResponse(RandomizedResponse event) {
            return RdpCurve.of(orders, order -> OtherDivergences.randomizedResponse(event, order));
        }

        @Override
        public RdpCurve exponential(Exponential event) {
            return RdpCurve.of(orders, order -> OtherDivergences.exponential(event.epsilon(), order));
        }

        @Override
        public RdpCurve composed(Composed event) {
            throw new IllegalStateException("Taken apart before");
        }

        @Override
        public RdpCurve selfComposed(SelfComposed event) {
            throw new IllegalStateException("Taken apart before");
        }
    }
}
