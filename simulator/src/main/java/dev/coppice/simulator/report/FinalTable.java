package dev.coppice.simulator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table at the end of a run, for a terminal of 80 columns. */
public final class FinalTable {
    private FinalTable() {}

    /** The lines, without colours. */
    public static List<String> lines(Summary summary) {
        List<String> lines = new ArrayList<>();
        HeldOut heldOut = summary.heldOut();
        lines.add(String.format(
                Locale.ROOT,
                "Held-out texts (%d, seen by no device)   accuracy    change      loss",
                summary.texts().heldOut()));
        lines.add(row("majority answer", heldOut.majority(), ""));
        lines.add(row("base model", heldOut.base(), ""));
        lines.add(row("trained locally only", heldOut.localOnly(), change(heldOut.localOnly(), heldOut.base())));
        lines.add(row("skill pack", heldOut.pack(), change(heldOut.pack(), heldOut.base())));
        lines.add(row("personal adapter", heldOut.personal(), change(heldOut.personal(), heldOut.pack())));
        lines.add("");
        lines.add(fact("privacy", privacy(summary)));
        lines.add(fact(
                "rounds",
                summary.rounds() + " completed, " + summary.roundsAborted() + " aborted, " + summary.dropouts()
                        + " drop-outs among " + summary.devices() + " devices"));
        lines.add(fact("skill pack", pack(summary)));
        lines.add(fact(
                "personal adapters",
                summary.personals().improved() + " better on the device's own texts, "
                        + summary.personals().keptPack() + " kept the pack"));
        lines.add(fact(
                "traffic a device",
                Figures.bytes(summary.bytesUpPerDevice()) + " up, " + Figures.bytes(summary.bytesDownPerDevice())
                        + " down"));
        lines.add(fact(
                "speed",
                Figures.rate(summary.devicesPerSecond()) + " devices/s, " + Figures.rate(summary.trainStepsPerSecond())
                        + " training steps/s, " + Figures.seconds(summary.wallSeconds()) + " in all"));
        lines.add("");
        lines.add(summary.statement());
        lines.add(summary.privacy().sentence());
        return List.copyOf(lines);
    }

    private static String row(String what, HeldOut.Score score, String change) {
        return String.format(
                Locale.ROOT,
                "  %-37s %9s %9s %9s",
                what,
                Figures.percent(score.accuracy()),
                change,
                Figures.loss(score.loss()));
    }

    private static String change(HeldOut.Score score, HeldOut.Score before) {
        return Figures.points(score.accuracy() - before.accuracy());
    }

    private static String fact(String name, String value) {
        return String.format(Locale.ROOT, "  %-19s %s", name, value);
    }

    private static String privacy(Summary summary) {
        Double epsilon = summary.epsilon();
        Double budget = summary.epsilonBudget();
        if (epsilon == null || budget == null) {
            return summary.privacy().word();
        }
        return summary.privacy().word() + ", epsilon " + Figures.epsilon(epsilon) + " of " + Figures.plain(budget)
                + " spent at delta " + Figures.delta(summary.delta());
    }

    private static String pack(Summary summary) {
        Summary.Installs installs = summary.installs();
        return summary.pack().name() + " v" + summary.pack().version() + ": " + installs.installed() + " installed, "
                + installs.rolledBack() + " rolled back, " + installs.refused() + " refused";
    }
}
