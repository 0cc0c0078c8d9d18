package dev.coppice.simulator.report;

import dev.coppice.simulator.fleet.FleetResult;
import dev.coppice.simulator.fleet.RoundRecord;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** A simulation's {@code report.html}: one page without scripts or anything to load. */
public final class FleetReport {
    private static final List<String> STEPS =
            List.of("train", "advertise", "shares", "masked_input", "attest", "unmask");

    private FleetReport() {}

    /** One seed. */
    public record Run(long seed, FleetResult result) {}

    /**
     * The page.
     *
     * @param runs at least one, of one scenario
     */
    public static String write(String title, List<Run> runs) {
        List<RoundRecord> first = runs.getFirst().result().rounds();
        StringJoiner page = new StringJoiner("\n");
        page.add(ReportStyle.head(title));
        page.add("<main>");
        page.add(heading(title, runs));
        page.add(steps(runs));
        page.add("<section class=\"charts\">");
        page.add(card(
                "What the rounds taught",
                FleetCharts.curve(
                        "Held-out accuracy",
                        runs,
                        result -> 100 * result.base().accuracy(),
                        round -> 100 * round.accuracy(),
                        " %",
                        "accuracy"),
                "Of the candidate after each round, on texts that no device trains on." + band(runs)));
        page.add(card(
                "The same as loss",
                FleetCharts.curve("Held-out loss", runs, result -> result.base().loss(), RoundRecord::loss, "", "loss"),
                "Mean cross-entropy in nats; lower is better." + band(runs)));
        if (runs.stream().anyMatch(run -> run.result().rounds().stream().anyMatch(FleetReport::isAttacked))) {
            page.add(card(
                    "What the attackers got",
                    FleetCharts.curve(
                            "Attack success",
                            runs,
                            result -> Double.NaN,
                            round -> 100 * round.attackSuccess(),
                            " %",
                            "loss"),
                    "Part of the attacker's examples that the candidate answers as the attacker wants."));
        }
        page.add(card(
                "Who gains",
                Charts.gains(
                        "Gain over devices",
                        runs.stream()
                                .flatMap(run -> run.result().gains().stream())
                                .map(gain ->
                                        gain.after().accuracy() - gain.before().accuracy())
                                .toList(),
                        "pack"),
                "Accuracy of the last candidate minus that of the base model, on each device's own held-out texts."));
        page.add(card(
                "Gain by device class",
                FleetCharts.gainByClass(runs),
                "Mean over the devices of a class, in percentage points."));
        page.add(card(
                "Who is in the sums",
                FleetCharts.byClass(
                        "Part of the asked devices in the sum",
                        runs,
                        figures -> figures.asked() == 0 ? Double.NaN : 100.0 * figures.inSum() / figures.asked(),
                        "%"),
                "Of the devices of a class that were asked to a round, those whose update is in its sum."));
        page.add(card(
                "How long training takes",
                FleetCharts.byClass("Until done training", runs, RoundRecord.ClassFigures::seconds, "s"),
                "From check-in, in virtual time."));
        page.add(privacy(runs));
        page.add(card(
                "How fair participation is",
                FleetCharts.participations(runs),
                "How many devices had their update in how many sums."));
        page.add(card(
                "Traffic",
                FleetCharts.curve(
                        "Kilobytes up a member",
                        runs,
                        result -> Double.NaN,
                        round -> round.bytesUp() == 0
                                ? Double.NaN
                                : round.bytesUp() / 1e3 / Math.max(1, round.members()),
                        "",
                        "accuracy"),
                "Sent by all devices asked, for each device of the cohort, without HTTP's own. Nothing is sent where"
                        + " sums are in the clear."));
        page.add(card(
                "A round in time",
                FleetCharts.timeline(longest(first)) + legend(longest(first)),
                "Round " + longest(first).number() + " of seed "
                        + runs.getFirst().seed()
                        + ": each phase from its start to its end, as high as devices that took its step."));
        page.add(card(
                "Who dropped out",
                FleetCharts.dropouts(first, STEPS),
                "By the step that they did not take, from dark to light: " + String.join(", ", STEPS) + "."));
        page.add("</section>");
        page.add("</main></body></html>");
        return page + "\n";
    }

    private static boolean isAttacked(RoundRecord round) {
        return !Double.isNaN(round.attackSuccess());
    }

    private static RoundRecord longest(List<RoundRecord> rounds) {
        RoundRecord longest = rounds.getFirst();
        for (RoundRecord round : rounds) {
            longest = round.phases().size() > longest.phases().size() ? round : longest;
        }
        return longest;
    }

    private static String heading(String title, List<Run> runs) {
        RoundRecord any = runs.getFirst().result().rounds().getFirst();
        String said = switch (any.privacy()) {
            case "trust-sum" ->
                "NOT SECURE: sums were taken in the clear. The learning result is what secure aggregation gives; the cost is not.";
            case "off" -> "NOT PRIVATE: plain updates, without clip, noise or masks.";
            default -> "Secure aggregation with its real cryptography, and distributed noise.";
        };
        boolean isReal = any.privacy().equals("secagg+ddg");
        return """
                <header><p class="brand">Coppice</p><h1>%s</h1>
                <p class="verdict %s">privacy %s: %s</p>
                <p>%d seeds, %d rounds, %d devices, a cohort of %d. Keys and noise are drawn from the seed: this shows what
                privacy costs, and protects nobody.</p>
                <p class="note"><b>Who knows this.</b> What this page shows for single devices is the simulator's knowledge:
                it runs the devices and looks inside. A server never learns it.</p></header>""".formatted(
                        Html.escape(title),
                        isReal ? "good" : "bad",
                        Html.escape(any.privacy()),
                        said,
                        runs.size(),
                        runs.getFirst().result().rounds().size(),
                        runs.getFirst().result().participations().size(),
                        any.members());
    }

    private static String steps(List<Run> runs) {
        double base = runs.stream()
                .mapToDouble(run -> run.result().base().accuracy())
                .average()
                .orElse(0);
        double last = runs.stream()
                .mapToDouble(run -> run.result().last().accuracy())
                .average()
                .orElse(0);
        double baseLoss = runs.stream()
                .mapToDouble(run -> run.result().base().loss())
                .average()
                .orElse(0);
        double lastLoss = runs.stream()
                .mapToDouble(run -> run.result().last().loss())
                .average()
                .orElse(0);
        return "<section class=\"steps\">" + step("base model", "grey", base, baseLoss)
                + step("after the last round", "pack", last, lastLoss) + "</section>";
    }

    private static String step(String name, String style, double accuracy, double loss) {
        return """
                <div class="step"><span class="key %s"></span>%s<strong>%s</strong><small>loss %s</small></div>""".formatted(style, name, Figures.percent(accuracy), Figures.loss(loss));
    }

    private static String privacy(List<Run> runs) {
        boolean isNoisy = runs.stream()
                .flatMap(run -> run.result().rounds().stream())
                .anyMatch(round -> !Double.isNaN(round.epsilonMax()));
        return isNoisy
                ? card(
                        "Privacy over time",
                        FleetCharts.curve("Epsilon", runs, result -> 0, RoundRecord::epsilonMax, "", "privacy"),
                        "The most that any device of a round has spent by then, by its own ledger.")
                : card("Privacy over time", "<p class=\"empty\">off</p>", "No noise: no differential privacy.");
    }

    private static String legend(RoundRecord round) {
        StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        for (int i = 0; i < round.phases().size(); i++) {
            legend.append(String.format(
                    Locale.ROOT,
                    "<span><i class=\"key step%d\"></i>%s</span> ",
                    Math.min(i, 4),
                    Html.escape(round.phases().get(i).phase())));
        }
        return legend + "</p>";
    }

    private static String band(List<Run> runs) {
        return runs.size() > 1 ? " The mean over " + runs.size() + " seeds, in a band from the least to the most." : "";
    }

    private static String card(String title, String drawing, String caption) {
        return "<figure><h2>" + Html.escape(title) + "</h2>" + drawing + "<figcaption>" + Html.escape(caption)
                + "</figcaption></figure>";
    }
}
