package dev.coppice.simulator.report;

import dev.coppice.simulator.report.HeldOut.Score;
import dev.coppice.simulator.report.RunReport.RoundFigures;
import java.util.Locale;
import java.util.StringJoiner;

/** The tables below the charts: every figure that the charts are drawn from, and where the time went. */
final class RunFacts {
    private RunFacts() {}

    static String write(RunReport report) {
        return new StringJoiner("\n", "<section class=\"facts\">", "</section>")
                .add(scores(report.summary()))
                .add(figures(report.summary()))
                .add(rounds(report))
                .add(timings(report))
                .toString();
    }

    private static String scores(Summary summary) {
        HeldOut heldOut = summary.heldOut();
        return "<div><h2>Held-out texts</h2><table><tr><th></th><th>accuracy</th><th>loss</th></tr>"
                + score("majority answer", heldOut.majority())
                + score("base model", heldOut.base())
                + score("trained locally only", heldOut.localOnly())
                + score("skill pack", heldOut.pack())
                + score("personal adapter", heldOut.personal())
                + "</table><p>" + summary.texts().heldOut()
                + " texts that no device ever held, each counted once. The base model was pretrained on other people.</p></div>";
    }

    private static String score(String name, Score score) {
        return "<tr><td>" + name + "</td><td>" + Figures.percent(score.accuracy()) + "</td><td>"
                + Figures.loss(score.loss()) + "</td></tr>";
    }

    private static String figures(Summary summary) {
        Double epsilon = summary.epsilon();
        String spent = epsilon == null
                ? summary.privacy().word()
                : "epsilon " + Figures.epsilon(epsilon) + ", delta " + Figures.delta(summary.delta()) + " ("
                        + summary.privacy().word() + ")";
        return "<div><h2>The run</h2><table>"
                + fact("privacy", spent)
                + fact("task", summary.task())
                + fact("texts", summary.data())
                + fact("devices", Integer.toString(summary.devices()))
                + fact("rounds", summary.rounds() + " completed, " + summary.roundsAborted() + " aborted")
                + fact("drop-outs", summary.dropouts() + " (" + Figures.percent(summary.dropoutRate()) + " expected)")
                + fact("up, a device", Figures.bytes(summary.bytesUpPerDevice()))
                + fact("down, a device", Figures.bytes(summary.bytesDownPerDevice()))
                + fact("devices a second", Figures.rate(summary.devicesPerSecond()))
                + fact("training steps a second", Figures.rate(summary.trainStepsPerSecond()))
                + fact(
                        "skill pack",
                        summary.pack().name() + " version " + summary.pack().version())
                + fact(
                        "installed · rolled back · refused",
                        summary.installs().installed() + " · "
                                + summary.installs().rolledBack() + " · "
                                + summary.installs().refused())
                + fact(
                        "personal adapters kept · dropped",
                        summary.personals().improved() + " · "
                                + summary.personals().keptPack())
                + "</table><p>Manifest <code>" + Html.escape(summary.pack().sha256()) + "</code></p></div>";
    }

    private static String fact(String name, String value) {
        return "<tr><td>" + Html.escape(name) + "</td><td>" + Html.escape(value) + "</td></tr>";
    }

    private static String rounds(RunReport report) {
        StringJoiner table = new StringJoiner("");
        table.add("<div class=\"rounds\"><h2>Rounds</h2><table><tr><th>round</th><th>started</th><th>in the sum</th>"
                + "<th>dropped out</th><th>epsilon</th><th>time</th><th></th></tr>");
        for (RoundFigures round : report.rounds()) {
            table.add(String.format(
                    Locale.ROOT,
                    "<tr><td>%d</td><td>%d</td><td>%d</td><td>%d</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                    round.number(),
                    round.started(),
                    round.inSum(),
                    round.dropouts(),
                    Figures.epsilon(round.epsilonAfter()),
                    Figures.seconds(round.seconds()),
                    Html.escape(round.outcome())));
        }
        return table.add("</table></div>").toString();
    }

    private static String timings(RunReport report) {
        StringJoiner table = new StringJoiner("");
        table.add("<div><h2>Where the time went</h2><table>");
        for (RunReport.Timing timing : report.timings()) {
            table.add(fact(timing.what(), Figures.seconds(timing.seconds())));
        }
        table.add(fact("all", Figures.seconds(report.summary().wallSeconds())));
        return table.add("</table><p>Once more: <code>" + Html.escape(report.rerun()) + "</code></p></div>")
                .toString();
    }
}
