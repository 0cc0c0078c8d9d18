package dev.coppice.aggregator.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.each;
import static j2html.TagCreator.fieldset;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.legend;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;
import static j2html.TagCreator.textarea;

import dev.coppice.aggregator.http.TaskReport;
import j2html.tags.DomContent;
import j2html.tags.specialized.FieldsetTag;
import j2html.tags.specialized.FormTag;
import j2html.tags.specialized.SectionTag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Tasks, and one of them with its rounds. */
final class TaskView {
    private TaskView() {}

    static DomContent list(List<TaskReport> tasks) {
        return Tables.of(
                "All tasks, newest first",
                List.of("Task", "Skill", "Kind", "Population", "State", "Rounds", "Epsilon"),
                tasks.stream()
                        .map(task -> List.<DomContent>of(
                                a(task.taskId()).withHref("/console/tasks/" + task.taskId()),
                                text(task.skill()),
                                text(task.kind()),
                                text(task.population()),
                                text(task.state().toLowerCase(Locale.ROOT)),
                                text(task.rounds().size() + " of " + task.roundsPlanned()),
                                text(task.epsilon() == null ? "no noise" : Numbers.plain(task.epsilon()))))
                        .toList(),
                "There are no tasks yet.");
    }

    /** What an operator fills in: a definition in JSON, and in fields of their own what takes the place of its members. */
    record Draft(Map<String, String> fields) {
        static final Draft NONE = new Draft(Map.of());

        static Draft of(String definition) {
            return new Draft(Map.of(DEFINITION, definition));
        }

        /** Empty for what the definition says. */
        String of(Field field) {
            return fields.getOrDefault(field.name(), "");
        }

        String definition() {
            return fields.getOrDefault(DEFINITION, "");
        }
    }

    private static final String DEFINITION = "definition";

    /** A field of the form, by the name of the member that it stands for. */
    record Field(String name, String words, String type) {}

    static final Field START = new Field("start", "First round not before", "datetime-local");
    static final Field END = new Field("end", "Over at", "datetime-local");
    static final Field ROUNDS_PER_DAY = new Field("roundsPerDay", "Rounds a day, at most", "number");

    static final List<Field> BUFFER = List.of(
            new Field("sums", "Rounds whose sums are merged together", "number"),
            new Field("openRounds", "Rounds open at once, at most", "number"),
            new Field("stalenessMax", "Merges that a round may be behind", "number"));

    /** @param refused why a draft was not taken; empty if nothing was tried */
    static DomContent form(String heading, Draft draft, String refused) {
        return section(
                h2(heading),
                iff(!refused.isEmpty(), div(refused).attr("role", "alert")),
                j2html.TagCreator.form(
                                label("Definition (JSON)").withFor(DEFINITION),
                                textarea(draft.definition())
                                        .withId(DEFINITION)
                                        .withName(DEFINITION)
                                        .isRequired()
                                        .attr("spellcheck", "false"),
                                fields(
                                        "Schedule, in universal time; empty for what the definition says",
                                        List.of(START, END, ROUNDS_PER_DAY),
                                        draft),
                                fields("Several rounds at once; empty for what the definition says", BUFFER, draft),
                                button("Create task").withType("submit"))
                        .withMethod("post")
                        .withAction("/console/tasks")
                        .withClass("stacked"));
    }

    private static FieldsetTag fields(String legend, List<Field> fields, Draft draft) {
        return fieldset(
                legend(legend),
                each(
                        fields,
                        field -> label(
                                text(field.words()),
                                input().withType(field.type())
                                        .withName(field.name())
                                        .withValue(draft.of(field)))));
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
                                        OverviewView.card("Rounds open", schedule(task)),
                                        OverviewView.card(
                                                "Rounds completed", completed + " of " + task.roundsPlanned()),
                                        OverviewView.card("Rounds abandoned", Long.toString(abandoned)),
                                        waiting(task),
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

    private static DomContent waiting(TaskReport task) {
        TaskReport.Buffer buffer = task.buffer();
        return buffer == null
                ? text("")
                : OverviewView.card("Sums that wait to be merged", buffer.waiting() + " of " + buffer.sums());
    }

    private static String schedule(TaskReport task) {
        TaskReport.Buffer buffer = task.buffer();
        String how = task.intervalSeconds() == 0
                ? (buffer == null ? "one after the other" : "up to " + buffer.openRounds() + " at once")
                : "every " + Numbers.left(Duration.ofSeconds(task.intervalSeconds()));
        return how
                + (task.starts() == null ? "" : ", from " + Numbers.time(Instant.parse(task.starts())))
                + (task.ends() == null ? "" : ", until " + Numbers.time(Instant.parse(task.ends())));
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
                .render("No rounds yet.");
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

    /** What can be done with a task that is not over. */
    static DomContent actions(TaskReport task) {
        return switch (task.state()) {
            case "OPEN" -> div(act(task, "pause", "Pause"), cancel(task)).withClass("actions");
            case "PAUSED" -> div(act(task, "resume", "Resume"), cancel(task)).withClass("actions");
            default -> div();
        };
    }

    private static FormTag act(TaskReport task, String what, String words) {
        return j2html.TagCreator.form(button(words).withType("submit"))
                .withMethod("post")
                .withAction("/console/tasks/" + task.taskId() + "/" + what);
    }

    private static DomContent cancel(TaskReport task) {
        return j2html.TagCreator.form(
                        button("Cancel this task").withType("submit").withClass("danger"))
                .withMethod("post")
                .withAction("/console/tasks/" + task.taskId() + "/cancel")
                .attr("data-confirm", "Cancel this task? No more rounds of it will open.");
    }

    /** Begins with the definition of this one. */
    static DomContent copy(String definition) {
        return details(summary("Clone"), form("A task like this one", Draft.of(definition), ""));
    }
}
