package dev.coppice.aggregator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.EnrolmentDesk;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.release.RepositoryDesk;
import dev.coppice.aggregator.release.RepositoryRefusedException;
import dev.coppice.aggregator.round.Keeper;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.protocol.Identifiers;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Put;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What operators do. Who comes this far has shown the operator's token. */
@Controller("/v1/admin")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
final class AdminController {
    private static final int TOKENS_MAX = 100_000;

    private final EnrolmentDesk enrolment;
    private final TaskDesk tasks;
    private final Keeper keeper;
    private final RepositoryDesk repository;
    private final BlobStore blobs;
    private final Store store;
    private final DeviceAccounts accounts;
    private final InstantSource clock;

    AdminController(
            EnrolmentDesk enrolment,
            TaskDesk tasks,
            Keeper keeper,
            RepositoryDesk repository,
            BlobStore blobs,
            Store store,
            DeviceAccounts accounts,
            InstantSource clock) {
        this.accounts = accounts;
        this.clock = clock;
        this.enrolment = enrolment;
        this.tasks = tasks;
        this.keeper = keeper;
        this.repository = repository;
        this.blobs = blobs;
        this.store = store;
    }

    @Post("/enrolment-tokens")
    HttpResponse<byte[]> tokens(@Body byte @Nullable [] body) throws RequestRefusedException {
        JsonNode request = Json.parse(Protobuf.bytes(body));
        int count = request.path("count").asInt();
        String population = request.path("population").asText();
        if (count < 1 || count > TOKENS_MAX || !Identifiers.isIdentifier(population)) {
            throw new RequestRefusedException(
                    Kind.MALFORMED, "count is 1 to 100000, population 1 to 64 characters of [a-z0-9-]");
        }
        return Json.ok(Map.of("tokens", enrolment.tokens(count, population)));
    }

    @Put("/blobs")
    HttpResponse<byte[]> blob(@Body byte @Nullable [] body) throws IOException {
        return Json.ok(Map.of("sha256", blobs.put(Protobuf.bytes(body))));
    }

    @Post("/tasks")
    HttpResponse<byte[]> createTask(@Body byte @Nullable [] body) throws TaskRefusedException, IOException {
        StoredTask task = tasks.create(Protobuf.bytes(body));
        keeper.tick();
        return Json.ok(Map.of("taskId", task.id()));
    }

    @Get("/tasks/{id}")
    HttpResponse<byte[]> task(@PathVariable String id) throws RequestRefusedException {
        StoredTask task =
                store.findTask(id).orElseThrow(() -> new RequestRefusedException(Kind.NOT_FOUND, "No such task"));
        return Json.ok(TaskReport.of(task, store.rounds(id)));
    }

    @Get("/devices/{id}/ledger")
    HttpResponse<byte[]> ledger(@PathVariable String id) throws RequestRefusedException {
        if (store.findDevice(id).isEmpty()) {
            throw new RequestRefusedException(Kind.NOT_FOUND, "No such device");
        }
        return Json.ok(DeviceReport.of(id, accounts.statement(id, clock.instant())));
    }

    /** What devices did wrong with shares, as their own signatures prove: they are in no cohort any more. */
    @Get("/faults")
    HttpResponse<byte[]> faults() {
        return Json.ok(Map.of("faults", store.faults()));
    }

    @Post("/rounds/{id}/close")
    HttpResponse<byte[]> close(@PathVariable String id) throws RequestRefusedException, IOException {
        if (!keeper.close(id)) {
            throw new RequestRefusedException(Kind.NOT_FOUND, "No such open round");
        }
        return Json.ok(Map.of());
    }

    @Get("/repository")
    HttpResponse<byte[]> repository() {
        Map<String, Object> roles = new TreeMap<>();
        List<RepositoryDesk.Ending> due = repository.due();
        for (RepositoryDesk.Ending ending : repository.endings()) {
            roles.put(
                    ending.role(),
                    Map.of(
                            "version",
                            ending.version(),
                            "expires",
                            ending.expires().toString(),
                            "due",
                            due.contains(ending)));
        }
        return Json.ok(roles);
    }

    @Put("/repository/root")
    HttpResponse<byte[]> root(@Body byte @Nullable [] body) throws RepositoryRefusedException {
        repository.putRoot(Protobuf.bytes(body));
        return Json.ok(Map.of());
    }

    @Put("/repository/targets")
    HttpResponse<byte[]> targets(@Body byte @Nullable [] body) throws RepositoryRefusedException, IOException {
        repository.putTargets(Protobuf.bytes(body));
        return Json.ok(Map.of());
    }
}
