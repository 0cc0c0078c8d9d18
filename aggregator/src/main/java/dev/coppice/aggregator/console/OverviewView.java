package dev.coppice.aggregator.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import dev.coppice.aggregator.http.TaskReport;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** What an operator looks at first: the fleet, and the rounds that are under way. */
final class OverviewView {
    /** Check-ins are remembered for at least so long. */
    static final Duration SEEN = Duration.ofMinutes(10);

    /** What is shown. */
    record Facts(SortedMap<String, Long> devices, long seen, int faults, List<TaskReport> openTasks, Instant now) {}

    private OverviewView() {}

    /** Asks for itself again when something changed. */
    static SectionTag live(Facts facts) {
        return section(
                        dl(
                                        card(
                                                "Devices enrolled",
                                                facts.devices().values().stream()
                                                                .mapToLong(Long::longValue)
                                                                .sum() + ""),
                                        card("Checked in within ten minutes", facts.seen() + ""),
                                        card(
                                                "Tasks under way",
                                                facts.openTasks().size() + ""),
                                        card("Proven faults of devices", facts.faults() + ""))
                                .withClass("cards"),
                        h2("Rounds under way"),
                        Tables.of(
                                "One line for each task, as of " + Numbers.time(facts.now()),
                                List.of("Task", "Skill", "Round", "Phase", "Devices", "Closes in", "Epsilon"),
                                facts.openTasks().stream()
                                        .map(task -> row(task, facts.now()))
                                        .toList(),
                                "No task is under way."),
                        h2("Devices by population"),
                        Tables.of(
                                "Enrolled devices",
                                List.of("Population", "Devices"),
                                facts.devices().entrySet().stream()
                                        .map(entry -> List.<DomContent>of(
                                                text(entry.getKey()), text(Long.toString(entry.getValue()))))
                                        .toList(),
                                "No device has enrolled yet."))
                .withId("overview")
                .attr("aria-live", "polite")
                .attr("hx-get", "/console/overview-now")
                .attr("hx-trigger", "sse:changed, sse:quiet")
                .attr("hx-swap", "outerHTML");
    }

    static DomContent card(String name, String value) {
        return div(dt(name), dd(value));
    }

    private static List<DomContent> row(TaskReport task, Instant now) {
        List<DomContent> cells = new ArrayList<>();
        cells.add(a(task.taskId()).withHref("/console/tasks/" + task.taskId()));
        cells.add(text(task.skill()));
        if (task.rounds().isEmpty()) {
            cells.addAll(List.of(text("–"), text("about to open"), text("0"), text("–")));
        } else {
            TaskReport.Round round = task.rounds().getLast();
            cells.add(text(round.number() + " of " + task.roundsPlanned()));
            cells.add(Rounds.phase(round));
            cells.add(text(Rounds.devices(round)));
            cells.add(text(Rounds.closes(round, now)));
        }
        cells.add(text(task.epsilon() == null ? "no noise" : Numbers.plain(task.epsilon()) + " in all"));
        return cells;
    }
}
