package dev.coppice.simulator.simulation;

import dev.coppice.simulator.fleet.RoundRecord;
import java.util.Locale;

/** A round in one line. */
final class RoundLine {
    private RoundLine() {}

    static String of(RoundRecord round, int rounds) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "round %d/%d: ", round.number(), rounds));
        line.append(
                round.completed()
                        ? String.format(Locale.ROOT, "%d of %d devices in the sum", round.inSum(), round.asked())
                        : round.outcome());
        if (!Double.isNaN(round.loss())) {
            line.append(String.format(
                    Locale.ROOT, ", held-out accuracy %.1f %%, loss %.3f", 100 * round.accuracy(), round.loss()));
        }
        if (!Double.isNaN(round.attackSuccess())) {
            line.append(String.format(Locale.ROOT, ", attack succeeds %.1f %%", 100 * round.attackSuccess()));
        }
        if (!Double.isNaN(round.epsilonMax())) {
            line.append(String.format(Locale.ROOT, ", epsilon %.2f", round.epsilonMax()));
        }
        return line.toString();
    }
}
