package dev.coppice.aggregator.console;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.aggregator.http.TaskReport;
import dev.coppice.aggregator.round.Keeper;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.task.TaskRefusedException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pages of tasks, and what operators do there. */
@Hidden
@Controller("/console/tasks")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class TaskPages {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Store store;
    private final TaskDesk tasks;
    private final Keeper keeper;
    private final Outcomes outcomes;
    private final InstantSource clock;

    TaskPages(Store store, TaskDesk tasks, Keeper keeper, Outcomes outcomes, InstantSource clock) {
        this.store = store;
        this.tasks = tasks;
        this.keeper = keeper;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    @Get
    HttpResponse<String> list() {
        List<TaskReport> all = store.tasks().stream().map(this::report).toList();
        return Page.of("Tasks", "Tasks", TaskView.list(all), TaskView.form("New task", TaskView.Draft.NONE, ""));
    }

    @Post
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    HttpResponse<?> create(@Body Map<String, String> fields) throws IOException {
        TaskView.Draft draft = new TaskView.Draft(fields);
        try {
            StoredTask task = tasks.create(draft.definition(), JSON.writeValueAsBytes(changes(draft)));
            keeper.tick();
            return page(task.id());
        } catch (TaskRefusedException e) {
            return Page.of("Tasks", "Tasks", TaskView.form("New task", draft, String.valueOf(e.getMessage())))
                    .toMutableResponse()
                    .status(HttpStatus.UNPROCESSABLE_ENTITY);
        }
    }

    /** What was filled in beside the definition. */
    private static ObjectNode changes(TaskView.Draft draft) throws TaskRefusedException {
        ObjectNode schedule = JSON.createObjectNode();
        for (TaskView.Field field : List.of(TaskView.START, TaskView.END)) {
            if (!draft.of(field).isEmpty()) {
                schedule.put(field.name(), time(draft.of(field)));
            }
        }
        putNumber(schedule, TaskView.ROUNDS_PER_DAY, draft);
        ObjectNode buffer = JSON.createObjectNode();
        for (TaskView.Field field : TaskView.BUFFER) {
            putNumber(buffer, field, draft);
        }
        ObjectNode changes = JSON.createObjectNode();
        putUnlessEmpty(changes, "schedule", schedule);
        putUnlessEmpty(changes, "buffer", buffer);
        return changes;
    }

    private static void putNumber(ObjectNode part, TaskView.Field field, TaskView.Draft draft)
            throws TaskRefusedException {
        if (draft.of(field).isEmpty()) {
            return;
        }
        try {
            part.put(field.name(), Integer.parseInt(draft.of(field)));
        } catch (NumberFormatException e) {
            throw new TaskRefusedException("A whole number is needed for: " + field.words());
        }
    }

    private static void putUnlessEmpty(ObjectNode changes, String name, ObjectNode part) {
        if (!part.isEmpty()) {
            changes.set(name, part);
        }
    }

    /** Browsers leave out the seconds where they are none. */
    private static String time(String local) {
        return local + (local.length() == "2030-01-31T06:00".length() ? ":00Z" : "Z");
    }

    @Get("/{id}")
    HttpResponse<?> task(@PathVariable String id) throws IOException {
        Optional<StoredTask> task = store.findTask(id);
        if (task.isEmpty()) {
            return noTask();
        }
        TaskReport report = report(task.get());
        return Page.of(
                "Tasks",
                "Task " + id,
                TaskView.live(report, clock.instant()),
                TaskView.actions(report),
                outcomes.of(report),
                TaskView.definition(task.get().definition()),
                TaskView.copy(task.get().definition()));
    }

    @Get("/{id}/now")
    HttpResponse<?> live(@PathVariable String id) {
        return store.findTask(id)
                .<HttpResponse<?>>map(task -> Page.fragment(TaskView.live(report(task), clock.instant())))
                .orElseGet(HttpResponse::notFound);
    }

    @Post("/{id}/pause")
    @Consumes(MediaType.ALL)
    HttpResponse<?> pause(@PathVariable String id) throws TaskRefusedException {
        return page(id, tasks.pause(id));
    }

    @Post("/{id}/resume")
    @Consumes(MediaType.ALL)
    HttpResponse<?> resume(@PathVariable String id) throws TaskRefusedException, IOException {
        Optional<StoredTask> resumed = tasks.resume(id);
        keeper.tick();
        return page(id, resumed);
    }

    @Post("/{id}/cancel")
    @Consumes(MediaType.ALL)
    HttpResponse<?> cancel(@PathVariable String id) throws TaskRefusedException {
        return page(id, tasks.cancel(id));
    }

    private static HttpResponse<?> page(String id, Optional<StoredTask> task) {
        return task.isEmpty() ? noTask() : page(id);
    }

    private static HttpResponse<?> page(String id) {
        return HttpResponse.seeOther(URI.create("/console/tasks/" + id));
    }

    private static HttpResponse<String> noTask() {
        return Page.bare(HttpStatus.NOT_FOUND, "No such task");
    }

    private TaskReport report(StoredTask task) {
        return TaskReport.of(task, store.rounds(task.id()));
    }
}
