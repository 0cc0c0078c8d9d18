package dev.coppice.aggregator.http;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.round.Keeper;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskPlan;
import dev.coppice.aggregator.task.TaskRefusedException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tasks, for operators. */
@Controller("/v1/admin/tasks")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
@Tag(name = "tasks")
@ApiResponse(
        responseCode = "4XX",
        description = "Why it was not done",
        content = @Content(mediaType = Failures.PROBLEM_TYPE, schema = @Schema(implementation = Problem.class)))
final class TaskController {
    private static final String JSON = MediaType.APPLICATION_JSON;

    private final TaskDesk tasks;
    private final Keeper keeper;
    private final Store store;

    TaskController(TaskDesk tasks, Keeper keeper, Store store) {
        this.tasks = tasks;
        this.keeper = keeper;
        this.store = store;
    }

    /** A task in a list. */
    record TaskSummary(
            String taskId,
            String skill,
            String population,
            String kind,
            String state,
            String candidateSha256,
            int roundsPlanned) {
        static TaskSummary of(StoredTask task) {
            TaskDefinition definition = TaskJson.stored(task.definition());
            return new TaskSummary(
                    task.id(),
                    definition.skill(),
                    task.population(),
                    definition.kind(),
                    task.state().name(),
                    task.candidateSha256(),
                    definition.rounds());
        }
    }

    /** Tasks, newest first. */
    record TaskPage(List<TaskSummary> items, @Nullable String next) {}

    /** Rounds, newest first. */
    record RoundPage(List<TaskReport.Round> items, @Nullable String next) {}

    /** A task that was created. */
    record CreatedTask(String taskId) {}

    @Get
    @Operation(summary = "Lists tasks, newest first")
    @ApiResponse(
            responseCode = "200",
            description = "A page",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskPage.class)))
    HttpResponse<byte[]> tasks(
            @QueryValue(defaultValue = Pages.LIMIT_USUAL) int limit, @QueryValue(defaultValue = "") String cursor)
            throws RequestRefusedException {
        List<StoredTask> found = store.tasks(cursor, Pages.limit(limit) + 1);
        return Json.ok(Pages.of(found, limit, StoredTask::id, TaskSummary::of));
    }

    @Post
    @Operation(summary = "Creates a task, whose first round opens when its schedule says so")
    @RequestBody(content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskDefinition.class)))
    @ApiResponse(
            responseCode = "200",
            description = "It is created",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = CreatedTask.class)))
    HttpResponse<byte[]> create(@Body byte @Nullable [] body) throws TaskRefusedException, IOException {
        return created(tasks.create(Protobuf.bytes(body)));
    }

    @Post("/validate")
    @Operation(summary = "Says what a task would cost, or why it would be refused; creates nothing")
    @RequestBody(content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskDefinition.class)))
    @ApiResponse(
            responseCode = "200",
            description = "It could be created",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskPlan.class)))
    HttpResponse<byte[]> validate(@Body byte @Nullable [] body) throws TaskRefusedException, IOException {
        return Json.ok(tasks.validate(Protobuf.bytes(body)));
    }

    @Get("/{id}")
    @Operation(summary = "Tells how far a task is, with all its rounds")
    @ApiResponse(
            responseCode = "200",
            description = "The task",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskReport.class)))
    HttpResponse<byte[]> task(@PathVariable String id) throws RequestRefusedException {
        return told(store.findTask(id));
    }

    @Get("/{id}/rounds")
    @Operation(summary = "Lists the rounds of a task, newest first")
    @ApiResponse(
            responseCode = "200",
            description = "A page",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = RoundPage.class)))
    HttpResponse<byte[]> rounds(
            @PathVariable String id,
            @QueryValue(defaultValue = Pages.LIMIT_USUAL) int limit,
            @QueryValue(defaultValue = "") String cursor)
            throws RequestRefusedException {
        present(store.findTask(id));
        List<StoredRound> older = store.rounds(id).reversed();
        List<StoredRound> left = cursor.isEmpty()
                ? older
                : older.stream()
                        .dropWhile(round -> !round.id().equals(cursor))
                        .skip(1)
                        .toList();
        return Json.ok(Pages.of(left, Pages.limit(limit), StoredRound::id, TaskReport.Round::of));
    }

    @Post("/{id}/pause")
    @Operation(summary = "Lets no more rounds of a task open; one that devices have joined goes on")
    @ApiResponse(
            responseCode = "200",
            description = "The task",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskReport.class)))
    HttpResponse<byte[]> pause(@PathVariable String id) throws RequestRefusedException, TaskRefusedException {
        return told(tasks.pause(id));
    }

    @Post("/{id}/resume")
    @Operation(summary = "Lets rounds of a paused task open again")
    @ApiResponse(
            responseCode = "200",
            description = "The task",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskReport.class)))
    HttpResponse<byte[]> resume(@PathVariable String id)
            throws RequestRefusedException, TaskRefusedException, IOException {
        Optional<StoredTask> resumed = tasks.resume(id);
        keeper.tick();
        return told(resumed);
    }

    @Post("/{id}/cancel")
    @Operation(summary = "Ends a task; a round that devices have joined goes on")
    @ApiResponse(
            responseCode = "200",
            description = "The task",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = TaskReport.class)))
    HttpResponse<byte[]> cancel(@PathVariable String id) throws RequestRefusedException, TaskRefusedException {
        return told(tasks.cancel(id));
    }

    @Post("/{id}/clone")
    @Operation(summary = "Creates a task like this one, but for the members of the body (merge patch, RFC 7396)")
    @RequestBody(content = @Content(mediaType = JSON, schema = @Schema(type = "object")))
    @ApiResponse(
            responseCode = "200",
            description = "It is created",
            content = @Content(mediaType = JSON, schema = @Schema(implementation = CreatedTask.class)))
    HttpResponse<byte[]> copy(@PathVariable String id, @Body byte @Nullable [] body)
            throws RequestRefusedException, TaskRefusedException, IOException {
        return created(present(tasks.copy(id, Protobuf.bytes(body))));
    }

    private HttpResponse<byte[]> created(StoredTask task) throws IOException {
        keeper.tick();
        return Json.ok(new CreatedTask(task.id()));
    }

    private HttpResponse<byte[]> told(Optional<StoredTask> task) throws RequestRefusedException {
        StoredTask present = present(task);
        return Json.ok(TaskReport.of(present, store.rounds(present.id())));
    }

    private static StoredTask present(Optional<StoredTask> task) throws RequestRefusedException {
        return task.orElseThrow(() -> new RequestRefusedException(Kind.NOT_FOUND, "No such task"));
    }
}
