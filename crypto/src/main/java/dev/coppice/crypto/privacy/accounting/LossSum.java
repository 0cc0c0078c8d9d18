package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.Cumulants.Part;
import java.util.ArrayList;
import java.util.List;
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

    /** What is e^-14 of a sum is told well enough by a transform in doubles: no more tilt than takes delta there. */
    private static final double NATS_UNTILTED = 14;

    private static final int ATTEMPTS = 12;

    private final LossModels models;
    private final List<Part> parts;
    private final List<Part> sketch;
    private final Function<LossDots.Pair, LossDots> direction;

    /** @param parts few dots of each of the models, in their order */
    LossSum(LossModels models, List<Part> parts, Function<LossDots.Pair, LossDots> direction) {
        this.models = models;
        this.parts = parts;
        this.direction = direction;
        this.sketch = sketch(parts);
    }

    private static List<Part> sketch(List<Part> parts) {
        if (parts.size() <= SKETCH_MAX) {
            return parts;
        }
        List<Part> some = new ArrayList<>();
        double stride = (double) parts.size() / SKETCH_MAX;
        for (int i = 0; i < SKETCH_MAX; i++) {
            Part part = parts.get((int) (i * stride));
            some.add(new Part(part.dots(), part.count() * stride));
        }
        return some;
    }

    double epsilon(double delta) {
        double tilt = Cumulants.tiltForDelta(sketch, Math.min(0, Math.log(delta) + NATS_UNTILTED));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TiltedLosses losses = losses(tilt);
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
        return losses(Cumulants.tiltForDelta(sketch, Math.min(0, logDelta + NATS_UNTILTED)))
                .delta(epsilon);
    }

    private TiltedLosses losses(double tilt) {
        LossWindow window = LossWindow.of(sketch, tilt);
        if (parts.size() > FEW_MAX) {
            Optional<TiltedLosses> sum = ManySum.of(parts, tilt, window);
            if (sum.isPresent()) {
                return sum.get();
            }
        }
        double step = step(window);
        List<Part> fine = new ArrayList<>();
        models.onLattice(step).forEach((dots, count) -> fine.add(new Part(direction.apply(dots), count)));
        return LatticeSum.of(fine, tilt, window, step);
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
