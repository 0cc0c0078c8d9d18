package dev.coppice.aggregator.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import dev.coppice.aggregator.http.TaskReport;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import j2html.tags.DomContent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What tasks have spent of their budgets, and when those end. Each device keeps its own account besides, which binds it. */
final class PrivacyView {
    private PrivacyView() {}

    static DomContent of(List<TaskReport> tasks, Instant now) {
        List<TaskReport> noisy =
                tasks.stream().filter(task -> task.epsilon() != null).toList();
        return div(
                p(
                        "The epsilon of a device that took part in all rounds so far, abandoned ones too. A device's own ledger, over all skills, is what it goes by."),
                Tables.of(
                        "Budgets of tasks",
                        List.of(
                                "Task",
                                "Skill",
                                "Spent",
                                "Left",
                                "Budget",
                                "Delta",
                                "Rounds left",
                                "Ends",
                                "Noise multiplier"),
                        noisy.stream().map(task -> row(task, now)).toList(),
                        "No task adds noise: nothing is promised, and nothing is spent."),
                each(noisy, PrivacyView::chart));
    }

    private static List<DomContent> row(TaskReport task, Instant now) {
        int used = task.rounds().size();
        return List.of(
                a(task.taskId()).withHref("/console/tasks/" + task.taskId()),
                text(task.skill()),
                text(Numbers.plain(spent(task, used))),
                text(Numbers.plain(Math.max(0, budget(task) - spent(task, used)))),
                text(Numbers.plain(budget(task))),
                text(Double.toString(task.delta())),
                text(Integer.toString(task.roundsPlanned() - used)),
                text(ends(task, now)),
                text(Numbers.plain(task.noiseMultiplier())));
    }

    /** By its schedule, or when its rounds are used up if that says how often they open. */
    private static String ends(TaskReport task, Instant now) {
        int left = task.roundsPlanned() - task.rounds().size();
        if (task.state().equals("COMPLETED") || task.state().equals("CANCELLED")) {
            return "over";
        }
        Instant end = task.ends() == null ? Instant.MAX : Instant.parse(task.ends());
        Instant usedUp =
                task.intervalSeconds() == 0 ? Instant.MAX : now.plusSeconds(task.intervalSeconds() * Math.max(0, left));
        Instant first = end.isBefore(usedUp) ? end : usedUp;
        return first.equals(Instant.MAX) ? "after " + left + " more rounds" : Numbers.time(first);
    }

    private static DomContent chart(TaskReport task) {
        List<String> points = new ArrayList<>();
        List<Double> course = new ArrayList<>();
        List<Double> budget = new ArrayList<>();
        for (int rounds = 1; rounds <= task.participationsMax(); rounds++) {
            points.add(Integer.toString(rounds));
            course.add(spent(task, rounds));
            budget.add(budget(task));
        }
        return new Chart(
                        "Epsilon by rounds taken part in: " + task.skill() + ", " + task.taskId() + ", at round "
                                + task.rounds().size() + " now",
                        "line",
                        "Rounds",
                        points,
                        List.of(new Chart.Series("epsilon", course), new Chart.Series("budget", budget)))
                .render("No rounds yet.");
    }

    private static double budget(TaskReport task) {
        Double epsilon = task.epsilon();
        return epsilon == null ? Double.POSITIVE_INFINITY : epsilon;
    }

    private static double spent(TaskReport task, int rounds) {
        return rounds == 0 ? 0 : RdpAccountant.epsilon(task.noiseMultiplier(), rounds, task.delta());
    }
}
