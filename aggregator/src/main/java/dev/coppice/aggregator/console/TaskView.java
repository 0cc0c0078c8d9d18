package dev.coppice.aggregator.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.label;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;
import static j2html.TagCreator.textarea;

import dev.coppice.aggregator.http.TaskReport;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** Tasks, and one of them with its rounds. */
final class TaskView {
    private TaskView() {}

    static DomContent list(List<TaskReport> tasks) {
        return Tables.of(
                "All tasks, newest first",
                List.of("Task", "Skill", "Population", "State", "Rounds", "Epsilon"),
                tasks.stream()
                        .map(task -> List.<DomContent>of(
                                a(task.taskId()).withHref("/console/tasks/" + task.taskId()),
                                text(task.skill()),
                                text(task.population()),
                                text(task.state().toLowerCase(Locale.ROOT)),
                                text(task.rounds().size() + " of " + task.roundsPlanned()),
                                text(task.epsilon() == null ? "no noise" : Numbers.plain(task.epsilon()))))
                        .toList(),
                "There are no tasks yet.");
    }

    /** @param refused why the definition was not taken; empty if nothing was tried */
    static DomContent form(String definition, String refused) {
        return section(
                h2("New task"),
                iff(!refused.isEmpty(), div(refused).attr("role", "alert")),
                j2html.TagCreator.form(
                                label("Definition (JSON)").withFor("definition"),
                                textarea(definition)
                                        .withId("definition")
                                        .withName("definition")
                                        .isRequired()
                                        .attr("spellcheck", "false"),
                                button("Create task").withType("submit"))
                        .withMethod("post")
                        .withAction("/console/tasks")
                        .withClass("stacked"));
    }

    /** Asks for itself again when something changed. */
    static SectionTag live(TaskReport task, Instant now) {
        List<TaskReport.Round> rounds = task.rounds();
        long completed =
                rounds.stream().filter(r -> r.phase().equals("COMPLETED")).count();
        long abandoned =
                rounds.stream().filter(r -> r.phase().equals("ABORTED")).count();
        return section(
                        dl(
                                        OverviewView.card("Skill", task.skill()),
                                        OverviewView.card("State", task.state().toLowerCase(Locale.ROOT)),
                                        OverviewView.card(
                                                "Rounds completed", completed + " of " + task.roundsPlanned()),
                                        OverviewView.card("Rounds abandoned", Long.toString(abandoned)),
                                        OverviewView.card(
                                                "Epsilon of all rounds",
                                                task.epsilon() == null ? "no noise" : Numbers.plain(task.epsilon())))
                                .withClass("cards"),
                        chart(rounds),
                        Tables.of(
                                "Rounds",
                                List.of(
                                        "Round",
                                        "Phase",
                                        "Joined",
                                        "Shared",
                                        "Masked",
                                        "Attested",
                                        "Unmasked",
                                        "Closes in"),
                                rounds.reversed().stream()
                                        .map(round -> row(round, now))
                                        .toList(),
                                "No round has opened yet."))
                .withId("task")
                .attr("aria-live", "polite")
                .attr("hx-get", "/console/tasks/" + task.taskId() + "/now")
                .attr("hx-trigger", "sse:changed")
                .attr("hx-swap", "outerHTML");
    }

    private static DomContent chart(List<TaskReport.Round> rounds) {
        List<String> numbers =
                rounds.stream().map(round -> Integer.toString(round.number())).toList();
        return new Chart(
                        "Devices in each round, by how far they came",
                        "bar",
                        "Round",
                        numbers,
                        List.of(
                                series("joined", rounds, TaskReport.Round::advertised),
                                series("sent a masked update", rounds, TaskReport.Round::masked),
                                series("helped to unmask", rounds, TaskReport.Round::unmasked)))
                .render();
    }

    private static Chart.Series series(
            String name, List<TaskReport.Round> rounds, ToIntFunction<TaskReport.Round> value) {
        return new Chart.Series(
                name,
                rounds.stream().map(round -> (double) value.applyAsInt(round)).toList());
    }

    private static List<DomContent> row(TaskReport.Round round, Instant now) {
        return List.of(
                text(Integer.toString(round.number())),
                Rounds.phase(round),
                text(Integer.toString(round.advertised())),
                text(Integer.toString(round.shared())),
                text(Integer.toString(round.masked())),
                text(Integer.toString(round.attested())),
                text(Integer.toString(round.unmasked())),
                text(Rounds.closes(round, now)));
    }

    static DomContent definition(String json) {
        return details(summary("Definition"), pre(json));
    }

    static DomContent ending(TaskReport task) {
        return iff(
                task.state().equals("OPEN"),
                j2html.TagCreator.form(
                                button("Cancel this task").withType("submit").withClass("danger"))
                        .withMethod("post")
                        .withAction("/console/tasks/" + task.taskId() + "/cancel")
                        .attr("data-confirm", "Cancel this task? No more rounds of it will open."));
    }
}
