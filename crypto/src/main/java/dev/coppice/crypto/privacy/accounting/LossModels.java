package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Laplace;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.MixtureOfGaussians;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.TruncatedSample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The losses that an event comes to, and how often each does. Gaussian releases are taken together, exactly. */
final class LossModels {
    /** Losses beyond some hundreds do not fit into a double's exponent: less noise than that is as good as none. */
    private static final double MULTIPLIER_MIN = 0.03;

    private static final double MULTIPLIER_OF_ONE = 0.3;
    private static final double PARTS_MAX = 1e12;

    private final Map<PrivacyLoss, Long> counts = new LinkedHashMap<>();
    private boolean noiseless;
    private double latticeStep;
    private Map<LossDots.Pair, Long> lattice = Map.of();
    private int fewFineness;
    private Map<LossDots.Pair, Long> few = Map.of();

    private LossModels() {}

    static LossModels of(PrivacyEvent event) throws EventNotSupportedException {
        LossModels models = new LossModels();
        EventCounts events = EventCounts.of(event);
        double squares = 0;
        for (PrivacyEvent single : events.events()) {
            long count = events.count(single);
            if (single instanceof Gaussian gaussian) {
                squares += count / (gaussian.noiseMultiplier() * gaussian.noiseMultiplier());
            } else if (single instanceof Laplace laplace) {
                models.addLaplace(laplace, 1, count);
            } else if (single instanceof PoissonSampled sampled) {
                models.addSampled(sampled, count);
            } else if (single instanceof MixtureOfGaussians mixture) {
                models.addMixture(mixture, count);
            } else if (single instanceof TruncatedSample sample) {
                models.addTruncated(sample, count);
            } else {
                Refusals.ifNeeded(single, "loss distribution", true);
            }
        }
        models.addTogether(1 / Math.sqrt(squares));
        return models;
    }

    Map<PrivacyLoss, Long> counts() {
        return counts;
    }

    /** The losses on dots at every multiple of {@code step}; the last answer is kept. */
    Map<LossDots.Pair, Long> onLattice(double step) {
        if (step != latticeStep) {
            Map<LossDots.Pair, Long> dots = new LinkedHashMap<>();
            counts.forEach((model, count) -> dots.put(model.onLattice(step), count));
            lattice = dots;
            latticeStep = step;
        }
        return lattice;
    }

    /** The losses on few dots each, in the order of {@link #counts}; the last answer is kept. */
    Map<LossDots.Pair, Long> onFewDots(int fineness) {
        if (fineness != fewFineness) {
            Map<LossDots.Pair, Long> dots = new LinkedHashMap<>();
            counts.forEach((model, count) -> dots.put(model.few(fineness), count));
            few = dots;
            fewFineness = fineness;
        }
        return few;
    }

    /** Whether some release, on a sample or not, has no noise to speak of. */
    boolean isNoiseless() {
        return noiseless;
    }

    boolean isSymmetric() {
        return counts.keySet().stream().allMatch(PrivacyLoss::isSymmetric);
    }

    private void addSampled(PoissonSampled sampled, long count) throws EventNotSupportedException {
        if (sampled.event() instanceof Laplace laplace) {
            addLaplace(laplace, sampled.rate(), count);
            return;
        }
        var multiplier = GaussianEvents.multiplier(sampled.event());
        Refusals.ifNeeded(sampled, "loss distribution", multiplier.isEmpty());
        addGaussian(multiplier.orElseThrow(), sampled.rate(), count);
    }

    /** One Gaussian release, or where its noise is little, as many with more noise as are the same together. */
    private void addTogether(double multiplier) {
        double parts = Math.ceil(Math.pow(Math.min(1, multiplier / MULTIPLIER_OF_ONE), -2));
        if (parts > PARTS_MAX) {
            noiseless = true;
        } else {
            addGaussian(multiplier * Math.sqrt(parts), 1, (long) parts);
        }
    }

    private void addGaussian(double multiplier, double rate, long count) {
        if (multiplier < Double.POSITIVE_INFINITY && rate > 0) {
            add(new NoiseShape.OfNormal(multiplier), multiplier, rate, count);
        }
    }

    private void addLaplace(Laplace laplace, double rate, long count) {
        if (laplace.noiseMultiplier() < Double.POSITIVE_INFINITY && rate > 0) {
            add(new NoiseShape.OfLaplace(laplace.noiseMultiplier()), laplace.noiseMultiplier(), rate, count);
        }
    }

    private void add(NoiseShape noise, double multiplier, double rate, long count) {
        noiseless |= multiplier < MULTIPLIER_MIN;
        counts.merge(ShiftedLoss.sampled(noise, rate), count, Math::addExact);
    }

    /**
     * Where the others leave a place free, the person is in the sample or not; where they do not, it takes a place or
     * another does, which is at most as if one value were replaced by another: as dp_accounting has it.
     */
    private void addTruncated(TruncatedSample sample, long count) {
        double multiplier = sample.noiseMultiplier();
        if (multiplier == Double.POSITIVE_INFINITY || sample.rate() == 0 || sample.sampleMax() == 0) {
            return;
        }
        noiseless |= multiplier / 2 < MULTIPLIER_MIN;
        var free = ShiftedLoss.sampled(new NoiseShape.OfNormal(multiplier), sample.rate());
        double full = sample.fullWithoutPerson();
        if (full == 0) {
            counts.merge(free, count, Math::addExact);
        } else {
            var replaced = new ReplacedLoss(new NoiseShape.OfNormal(multiplier / 2), sample.rateWhereFull());
            counts.merge(full < 1 ? new MixedLoss(replaced, full, free) : replaced, count, Math::addExact);
        }
    }

    private void addMixture(MixtureOfGaussians mixture, long count) {
        Map<Double, Double> weights = new TreeMap<>();
        for (int i = 0; i < mixture.sensitivities().size(); i++) {
            if (mixture.probabilities().get(i) > 0) {
                weights.merge(
                        mixture.sensitivities().get(i), mixture.probabilities().get(i), Double::sum);
            }
        }
        List<Double> shifts = new ArrayList<>(weights.keySet());
        double largest = shifts.get(shifts.size() - 1);
        if (largest > 0 && mixture.deviation() < Double.POSITIVE_INFINITY) {
            noiseless |= mixture.deviation() / largest < MULTIPLIER_MIN;
            var noise = new NoiseShape.OfNormal(mixture.deviation());
            counts.merge(new ShiftedLoss(noise, shifts, List.copyOf(weights.values())), count, Math::addExact);
        }
    }
}
