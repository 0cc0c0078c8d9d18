package dev.coppice.simulator.report;

import dev.coppice.simulator.report.HeldOut.Score;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** {@code report.html}: one page without scripts or anything to load, light or dark as the reader's system is. */
public final class HtmlReport {
    public static final String NAME = "report.html";

    private HtmlReport() {}

    public static String write(RunReport report) {
        Summary summary = report.summary();
        StringJoiner page = new StringJoiner("\n");
        page.add(ReportStyle.head(report.title()));
        page.add("<main>");
        page.add(heading(report));
        page.add(steps(summary.heldOut()));
        page.add("<section class=\"charts\">");
        page.add(card(
                "What the rounds taught",
                Charts.accuracyCurve(report.curve()),
                "Held-out accuracy of the candidate after each round; dashed: the base model. "
                        + sample(report.curve())));
        page.add(card(
                "The same as loss", Charts.lossCurve(report.curve()), "Mean cross-entropy in nats; lower is better."));
        page.add(card(
                "Who gains from the skill pack",
                Charts.gains("Gain of the skill pack over devices", report.packGain(), "pack"),
                gained(report.packGain(), "with the pack instead of the base model")));
        page.add(card(
                "Who gains from its own adapter",
                Charts.gains("Gain of the personal adapter over devices", report.personalGain(), "personal"),
                gained(report.personalGain(), "with the personal adapter instead of the base model")));
        page.add(privacyCard(report));
        page.add(card(
                "Who dropped out",
                Charts.dropouts(report.rounds()) + legend(),
                summary.dropouts() + " drop-outs at random steps, " + summary.roundsAborted()
                        + " rounds aborted. A sum is revealed only when enough devices finish."));
        page.add("</section>");
        page.add(RunFacts.write(report));
        page.add("</main></body></html>");
        return page + "\n";
    }

    private static String heading(RunReport report) {
        Summary summary = report.summary();
        return """
                <header><p class="brand">Coppice</p><h1>%s</h1>
                <p class="verdict %s">%s</p>
                <p>%s</p>
                <p class="note"><b>Who knows this.</b> What this page shows for single devices (their gains, their
                drop-outs, their ledgers) is the simulator's knowledge: it runs the devices and looks inside. The server
                never learns it. It saw masked updates, and one sum over the cohort for each round.</p></header>""".formatted(
                        Html.escape(report.title()),
                        summary.improved() ? "good" : "bad",
                        Html.escape(summary.statement()),
                        Html.escape(summary.privacy().sentence()));
    }

    private static String steps(HeldOut heldOut) {
        return "<section class=\"steps\">"
                + step("base model", "grey", heldOut.base(), "")
                + step("skill pack", "pack", heldOut.pack(), change(heldOut.pack(), heldOut.base()))
                + step("personal adapter", "personal", heldOut.personal(), change(heldOut.personal(), heldOut.pack()))
                + "</section>";
    }

    private static String step(String name, String style, Score score, String change) {
        return """
                <div class="step"><span class="key %s"></span>%s<strong>%s</strong><small>%s loss %s</small></div>""".formatted(style, name, Figures.percent(score.accuracy()), change, Figures.loss(score.loss()));
    }

    private static String change(Score score, Score before) {
        double difference = score.accuracy() - before.accuracy();
        return "<b class=\"%s\">%s points</b> · "
                .formatted(difference > 0 ? "good" : "bad", Figures.points(difference));
    }

    private static String privacyCard(RunReport report) {
        Summary summary = report.summary();
        Double budget = summary.epsilonBudget();
        if (budget == null) {
            return card(
                    "Privacy spent",
                    "<p class=\"empty\">off</p>",
                    summary.privacy().sentence());
        }
        return card(
                "Privacy spent",
                Charts.privacy(report.rounds(), budget),
                "The most that any device has spent, by the ledger that it charges before anything leaves it, at delta "
                        + Figures.delta(summary.delta()) + ". Aborted rounds and drop-outs are not refunded.");
    }

    private static String legend() {
        return """
                <p class="legend"><span><i class="key step0"></i>before advertise</span>
                <span><i class="key step1"></i>before shares</span>
                <span><i class="key step2"></i>before masked input</span>
                <span><i class="key step3"></i>before attest</span>
                <span><i class="key step4"></i>before unmask</span></p>""";
    }

    private static String sample(List<RunReport.CurvePoint> curve) {
        return curve.isEmpty()
                ? ""
                : "Measured on a sample of " + curve.getFirst().devices() + " devices.";
    }

    private static String gained(List<Double> gains, String how) {
        long better = gains.stream().filter(gain -> gain > 0).count();
        long worse = gains.stream().filter(gain -> gain < 0).count();
        return String.format(
                Locale.ROOT,
                "%d of %d devices are better off %s, %d worse, the rest the same; grey: about no change.",
                better,
                gains.size(),
                how,
                worse);
    }

    private static String card(String title, String drawing, String caption) {
        return "<figure><h2>" + Html.escape(title) + "</h2>" + drawing + "<figcaption>" + Html.escape(caption)
                + "</figcaption></figure>";
    }
}
