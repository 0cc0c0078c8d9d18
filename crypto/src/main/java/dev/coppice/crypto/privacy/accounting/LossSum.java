package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.Cumulants.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The sum of all losses in one direction. What tilt and window an answer needs is read from few dots. */
final class LossSum {
    /** Step between dots, where losses are not smaller themselves: as dp_accounting's. */
    private static final double STEP = 1e-4;

    /** Steps are at most this part of one release's standard deviation. */
    private static final double STEP_PER_DEVIATION = 0.02;

    private static final double DOTS_MAX = 1 << 19;
    private static final double WINDOW_DOTS_MAX = 1 << 20;

    /** More unlike losses than that are added up by {@link ManySum}. */
    private static final int FEW_MAX = 24;

    /** Of many losses, so many tell what the sum looks like. */
    private static final int SKETCH_MAX = 200;

    /** So many of them tell how fine the dots must be, and by how much coarser ones may raise epsilon. */
    private static final int PROBE_MAX = 24;

    private static final double EXCESS_MAX = 5e-4;
    private static final int FINENESS_MAX = 8;

    /** Losses times fineness: some 10^7 dots. */
    private static final int MANY_FINE_MAX = 1 << 15;

    /** What is e^-14 of a sum is told well enough by a transform in doubles: no more tilt than takes delta there. */
    private static final double NATS_UNTILTED = 14;

    private static final int ATTEMPTS = 12;

    private final LossModels models;
    private final List<Part> parts;
    private final List<Part> sketch;
    private final Function<LossDots.Pair, LossDots> direction;

    LossSum(LossModels models, Function<LossDots.Pair, LossDots> direction) {
        this.models = models;
        this.direction = direction;
        this.parts = inDirection(models.onFewDots(1));
        double times = Math.max(1, (double) parts.size() / SKETCH_MAX);
        this.sketch = some(parts, SKETCH_MAX).stream()
                .map(part -> new Part(part.dots(), part.count() * times))
                .toList();
    }

    private List<Part> inDirection(Map<LossDots.Pair, Long> dots) {
        List<Part> parts = new ArrayList<>();
        dots.forEach((pair, count) -> parts.add(new Part(direction.apply(pair), count)));
        return parts;
    }

    /** At most so many, evenly from all. */
    private static <T> List<T> some(List<T> all, int most) {
        if (all.size() <= most) {
            return all;
        }
        double stride = (double) all.size() / most;
        List<T> some = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            some.add(all.get((int) (i * stride)));
        }
        return some;
    }

    double epsilon(double delta) {
        int fineness = fineness(Cumulants.tiltForDelta(sketch, Math.log(delta)));
        double tilt = Cumulants.tiltForDelta(sketch, Math.min(0, Math.log(delta) + NATS_UNTILTED));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TiltedLosses losses = losses(tilt, fineness);
            double epsilon = losses.epsilon(delta);
            if (epsilon >= Math.max(0, losses.first()) || tilt == 0 || losses.first() <= 0) {
                return Math.max(0, epsilon);
            }
            tilt = attempt == ATTEMPTS - 2 ? 0 : tilt / 2;
        }
        throw new IllegalStateException("A tilt of 0 is always answered");
    }

    double delta(double epsilon) {
        double tilt = Cumulants.tiltForMean(sketch, epsilon);
        Cumulants at = Cumulants.of(sketch, tilt);
        double logDelta = at.log() - tilt * epsilon; // by Chernoff's bound
        return losses(Cumulants.tiltForDelta(sketch, Math.min(0, logDelta + NATS_UNTILTED)), fineness(tilt))
                .delta(epsilon);
    }

    /**
     * How fine few dots must be, for as many losses as there are: the more a large loss counts, the more it costs that dots
     * move it. By the cumulants of some of the losses: what is too much falls to a quarter when dots are twice as many.
     *
     * @param tilt at which the answer is decided
     */
    private int fineness(double tilt) {
        int fineness = 1;
        Cumulants coarse = probe(tilt, fineness);
        while (2 * fineness <= finenessMax()) {
            Cumulants finer = probe(tilt, 2 * fineness);
            if ((coarse.log() - finer.log()) * 4 / 3 <= EXCESS_MAX * tilt * finer.mean()) {
                break;
            }
            fineness *= 2;
            coarse = finer;
        }
        return fineness;
    }

    private int finenessMax() {
        return parts.size() <= FEW_MAX ? 1 : Math.min(FINENESS_MAX, MANY_FINE_MAX / parts.size());
    }

    private Cumulants probe(double tilt, int fineness) {
        List<Part> probed = new ArrayList<>();
        for (var loss : some(List.copyOf(models.counts().entrySet()), PROBE_MAX)) {
            probed.add(new Part(direction.apply(loss.getKey().few(fineness)), loss.getValue()));
        }
        return Cumulants.of(probed, tilt);
    }

    private TiltedLosses losses(double tilt, int finenessMin) {
        LossWindow window = LossWindow.of(sketch, tilt);
        if (parts.size() > FEW_MAX) {
            for (int fineness = finenessMin; fineness <= Math.max(finenessMin, finenessMax()); fineness *= 2) {
                List<Part> dots = fineness == 1 ? parts : inDirection(models.onFewDots(fineness));
                Optional<TiltedLosses> sum = ManySum.of(dots, tilt, window);
                if (sum.isPresent()) {
                    return sum.get();
                }
            }
        }
        double step = step(window);
        return LatticeSum.of(inDirection(models.onLattice(step)), tilt, window, step);
    }

    private double step(LossWindow window) {
        double releases = 0;
        double widest = 0;
        for (Part part : parts) {
            double[] losses = part.dots().losses;
            releases += part.count();
            widest = Math.max(widest, losses[losses.length - 1] - losses[0]);
        }
        double deviation = window.deviation() / Math.sqrt(releases);
        double wanted = deviation > 0 ? Math.min(STEP, STEP_PER_DEVIATION * deviation) : STEP;
        double possible = Math.max(widest / DOTS_MAX, window.width() / WINDOW_DOTS_MAX);
        // By powers of two, so that both directions are likely to have the same.
        double step = STEP * Math.scalb(1.0, (int) Math.floor(Math.log(wanted / STEP) / Math.log(2) + 1e-9));
        while (step < possible) {
            step *= 2;
        }
        return step;
    }
}
