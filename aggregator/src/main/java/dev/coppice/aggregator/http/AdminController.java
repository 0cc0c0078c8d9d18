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
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
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
@Tag(name = "operation")
final class AdminController {
    private static final int TOKENS_MAX = 100_000;

    private final EnrolmentDesk enrolment;
    private final Keeper keeper;
    private final RepositoryDesk repository;
    private final BlobStore blobs;
    private final Store store;
    private final DeviceAccounts accounts;
    private final InstantSource clock;

    AdminController(
            EnrolmentDesk enrolment,
            Keeper keeper,
            RepositoryDesk repository,
            BlobStore blobs,
            Store store,
            DeviceAccounts accounts,
            InstantSource clock) {
        this.accounts = accounts;
        this.clock = clock;
        this.enrolment = enrolment;
        this.keeper = keeper;
        this.repository = repository;
        this.blobs = blobs;
        this.store = store;
    }

    @Operation(summary = "Makes enrolment tokens, each of which admits one device to a population, once")
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

    @Operation(summary = "Stores bytes by their SHA-256")
    @Put("/blobs")
    HttpResponse<byte[]> blob(@Body byte @Nullable [] body) throws IOException {
        return Json.ok(Map.of("sha256", blobs.put(Protobuf.bytes(body))));
    }

    @Operation(summary = "Tells what a device has spent of its privacy here")
    @Get("/devices/{id}/ledger")
    HttpResponse<byte[]> ledger(@PathVariable String id) throws RequestRefusedException {
        if (store.findDevice(id).isEmpty()) {
            throw new RequestRefusedException(Kind.NOT_FOUND, "No such device");
        }
        return Json.ok(DeviceReport.of(id, accounts.statement(id, clock.instant())));
    }

    /** What devices did wrong with shares, as their own signatures prove: they are in no cohort any more. */
    @Operation(summary = "Lists what devices did wrong, as their own signatures prove")
    @Get("/faults")
    HttpResponse<byte[]> faults() {
        return Json.ok(Map.of("faults", store.faults()));
    }

    @Operation(summary = "Closes the present phase of a round, as its deadline would")
    @Post("/rounds/{id}/close")
    HttpResponse<byte[]> close(@PathVariable String id) throws RequestRefusedException, IOException {
        if (!keeper.close(id)) {
            throw new RequestRefusedException(Kind.NOT_FOUND, "No such open round");
        }
        return Json.ok(Map.of());
    }

    @Operation(summary = "Tells version and end of root and targets")
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

    @Operation(summary = "Takes the next root, signed elsewhere")
    @Put("/repository/root")
    HttpResponse<byte[]> root(@Body byte @Nullable [] body) throws RepositoryRefusedException {
        repository.putRoot(Protobuf.bytes(body));
        return Json.ok(Map.of());
    }

    @Operation(summary = "Takes the next targets, signed elsewhere")
    @Put("/repository/targets")
    HttpResponse<byte[]> targets(@Body byte @Nullable [] body) throws RepositoryRefusedException, IOException {
        repository.putTargets(Protobuf.bytes(body));
        return Json.ok(Map.of());
    }
}
