package dev.coppice.crypto.privacy.accounting;

import java.util.List;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * What was released about a person, as far as its cost in privacy goes: a single release, or several together. Events are
 * values; which accountant can charge which is the accountant's to say.
 *
 * <p>A noise multiplier is the noise's standard deviation (of Laplace noise: its scale) over the largest influence that a
 * person has, and 0 where there is no noise.
 */
public sealed interface PrivacyEvent {
    /** Nothing at all. */
    static PrivacyEvent nothing() {
        return new Composed(List.of());
    }

    /** The case that this is. */
    <T> T match(Cases<T> cases);

    /** This, {@code count} times over, each time with fresh noise. */
    default PrivacyEvent times(long count) {
        return new SelfComposed(this, count);
    }

    /** This and another. */
    default PrivacyEvent and(PrivacyEvent other) {
        return new Composed(List.of(this, other));
    }

    /** One answer for each kind of event. */
    interface Cases<T> {
        T gaussian(Gaussian event);

        T distributedGaussian(DistributedGaussian event);

        T laplace(Laplace event);

        T zeroConcentrated(ZeroConcentrated event);

        T poissonSampled(PoissonSampled event);

        T fixedSizeSampled(FixedSizeSampled event);

        T truncatedSample(TruncatedSample event);

        T mixtureOfGaussians(MixtureOfGaussians event);

        T tree(Tree event);

        T randomizedResponse(RandomizedResponse event);

        T exponential(Exponential event);

        T composed(Composed event);

        T selfComposed(SelfComposed event);
    }

    /** Gaussian noise, continuous or discrete, from one source. */
    record Gaussian(double noiseMultiplier) implements PrivacyEvent {
        public Gaussian {
            requireMultiplier(noiseMultiplier);
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.gaussian(this);
        }
    }

    /** A sum to which several devices add a discrete Gaussian each. It is charged by its own bound. */
    record DistributedGaussian(DistributedNoise noise) implements PrivacyEvent {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.distributedGaussian(this);
        }
    }

    /** Laplace noise. */
    record Laplace(double noiseMultiplier) implements PrivacyEvent {
        public Laplace {
            requireMultiplier(noiseMultiplier);
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.laplace(this);
        }
    }

    /** Whatever is {@code rho}-zero-concentrated differentially private (Bun and Steinke 2016), and nothing more known. */
    record ZeroConcentrated(double rho) implements PrivacyEvent {
        public ZeroConcentrated {
            if (!(rho >= 0)) {
                throw new IllegalArgumentException("Not a rho: " + rho);
            }
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.zeroConcentrated(this);
        }
    }

    /**
     * {@code event} on a sample that each person is in with probability {@code rate}, independently and unknown to who
     * looks. Rounds of devices are nothing of the kind: who takes part is known to the aggregator.
     */
    record PoissonSampled(double rate, PrivacyEvent event) implements PrivacyEvent {
        public PoissonSampled {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("A sampling rate is 0 to 1, not " + rate);
            }
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.poissonSampled(this);
        }
    }

    /** {@code event} on {@code sample} of {@code population} persons, drawn without replacement and unknown to who looks. */
    record FixedSizeSampled(long population, long sample, PrivacyEvent event) implements PrivacyEvent {
        public FixedSizeSampled {
            if (population < 1 || sample < 0 || sample > population) {
                throw new IllegalArgumentException("No sample of " + sample + " from " + population);
            }
        }

        /** The part of the population that is drawn. */
        public double rate() {
            return (double) sample / population;
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.fixedSizeSampled(this);
        }
    }

    /**
     * Gaussian noise on the sum over a Poisson sample, as {@link PoissonSampled}, of which no more than {@code sampleMax}
     * persons are kept, drawn uniformly where there are more. So whether a person is there may decide about another, and
     * both move the sum.
     *
     * @param population persons, this one among them
     * @param noiseMultiplier over the influence of one person alone
     */
    record TruncatedSample(long population, double rate, long sampleMax, double noiseMultiplier)
            implements PrivacyEvent {
        public TruncatedSample {
            requireMultiplier(noiseMultiplier);
            if (population < 1 || sampleMax < 0 || !(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException(
                        "No sample of up to " + sampleMax + " from " + population + " at a rate of " + rate);
            }
        }

        /** The probability that the others fill the sample, or more than fill it. */
        public double fullWithoutPerson() {
            return atLeast(population - 1, sampleMax);
        }

        /** The probability that the person is kept, if the others fill the sample. */
        public double rateWhereFull() {
            double keptThen = atLeast(population, sampleMax + 1) * sampleMax / population;
            return Math.min(1, keptThen / fullWithoutPerson());
        }

        /** Of so many persons, that {@code least} or more are sampled. */
        private double atLeast(long persons, long least) {
            if (least <= 0 || least > persons) {
                return least <= 0 ? 1 : 0;
            }
            return RegularizedBeta.value(rate, (double) least, (double) (persons - least + 1));
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.truncatedSample(this);
        }
    }

    /**
     * Gaussian noise of {@code deviation} on a sum that a person's influence on is drawn: {@code sensitivities[i]} with
     * probability {@code probabilities[i]}.
     */
    record MixtureOfGaussians(double deviation, List<Double> sensitivities, List<Double> probabilities)
            implements PrivacyEvent {
        public MixtureOfGaussians {
            requireMultiplier(deviation);
            sensitivities = List.copyOf(sensitivities);
            probabilities = List.copyOf(probabilities);
            double sum = probabilities.stream().mapToDouble(p -> p).sum();
            if (sensitivities.isEmpty()
                    || sensitivities.size() != probabilities.size()
                    || Math.abs(sum - 1) > 1e-9
                    || probabilities.stream().anyMatch(p -> !(p >= 0))
                    || sensitivities.stream().anyMatch(s -> !(s >= 0 && s < Double.POSITIVE_INFINITY))) {
                throw new IllegalArgumentException("Not a mixture: " + sensitivities + " with " + probabilities);
            }
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.mixtureOfGaussians(this);
        }
    }

    /** Partial sums of {@code steps} releases by a binary tree with Gaussian noise in each node, each person in one step. */
    record Tree(double noiseMultiplier, long steps) implements PrivacyEvent {
        public Tree {
            requireMultiplier(noiseMultiplier);
            if (steps < 0) {
                throw new IllegalArgumentException("A tree over " + steps + " steps");
            }
        }

        /** Nodes that a step is part of: {@code ceil(log2(steps + 1))}. */
        public int depth() {
            return Long.SIZE - Long.numberOfLeadingZeros(steps);
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.tree(this);
        }
    }

    /**
     * The true one of {@code buckets} answers, or with probability {@code noise} any of them, uniformly; compared to an
     * answer that is uniform.
     */
    record RandomizedResponse(double noise, int buckets) implements PrivacyEvent {
        public RandomizedResponse {
            if (!(noise >= 0 && noise <= 1) || buckets < 1) {
                throw new IllegalArgumentException("Not a randomized response: " + noise + " of " + buckets);
            }
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.randomizedResponse(this);
        }
    }

    /** The exponential mechanism, {@code epsilon}-differentially private. */
    record Exponential(double epsilon) implements PrivacyEvent {
        public Exponential {
            if (!(epsilon >= 0)) {
                throw new IllegalArgumentException("Not an epsilon: " + epsilon);
            }
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.exponential(this);
        }
    }

    /** All of {@code events}, of which later ones may depend on what earlier ones released. */
    record Composed(List<PrivacyEvent> events) implements PrivacyEvent {
        public Composed {
            events = List.copyOf(events);
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.composed(this);
        }
    }

    /** {@code event}, {@code count} times over. */
    record SelfComposed(PrivacyEvent event, long count) implements PrivacyEvent {
        public SelfComposed {
            if (count < 0) {
                throw new IllegalArgumentException("Nothing can be released " + count + " times");
            }
        }

        @Override
        public <T> T match(Cases<T> cases) {
            return cases.selfComposed(this);
        }
    }

    private static void requireMultiplier(double noiseMultiplier) {
        if (!(noiseMultiplier >= 0)) {
            throw new IllegalArgumentException("Not a noise multiplier: " + noiseMultiplier);
        }
    }
}
