package dev.coppice.simulator.experiment;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What one trial came to over its seeds.
 *
 * @param attackSuccess empty if nobody wanted anything
 */
public record TrialFigures(
        Trial trial,
        int rounds,
        Interval loss,
        Interval accuracy,
        Optional<Interval> attackSuccess,
        double epsilon,
        double bytesUp,
        double cpuMillis) {
    static TrialFigures of(Trial trial, List<RunFigures> runs) {
        List<Double> successes = runs.stream()
                .map(RunFigures::attackSuccess)
                .filter(Double::isFinite)
                .toList();
        return new TrialFigures(
                trial,
                runs.stream().mapToInt(RunFigures::rounds).max().orElseThrow(),
                Interval.of(runs.stream().map(RunFigures::loss).toList()),
                Interval.of(runs.stream().map(RunFigures::accuracy).toList()),
                successes.isEmpty() ? Optional.empty() : Optional.of(Interval.of(successes)),
                runs.getFirst().epsilon(),
                runs.getFirst().bytesUp(),
                runs.stream().mapToDouble(RunFigures::cpuMillis).average().orElseThrow());
    }

    /** In one line. */
    String line() {
        String success = attackSuccess
                .map(interval -> String.format(Locale.ROOT, ", attack success %.1f %%", 100 * interval.mean()))
                .orElse("");
        return String.format(
                Locale.ROOT,
                "%s: accuracy %.2f%s %%, loss %.4f%s%s after %d rounds",
                trial.label(),
                100 * accuracy.mean(),
                half(100 * accuracy.half(), "%.2f"),
                loss.mean(),
                half(loss.half(), "%.4f"),
                success,
                rounds);
    }

    private static String half(double half, String format) {
        return Double.isNaN(half) ? "" : " ± " + String.format(Locale.ROOT, format, half);
    }

    /** Whether another is as good in everything and better in something: accuracy, epsilon, bytes, device CPU. */
    boolean isBeatenBy(TrialFigures other) {
        boolean asGood = other.accuracy.mean() >= accuracy.mean()
                && other.epsilon <= epsilon
                && other.bytesUp <= bytesUp
                && other.cpuMillis <= cpuMillis;
        boolean better = other.accuracy.mean() > accuracy.mean()
                || other.epsilon < epsilon
                || other.bytesUp < bytesUp
                || other.cpuMillis < cpuMillis;
        return asGood && better;
    }
}
