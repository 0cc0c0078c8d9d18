package dev.coppice.aggregator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.release.ProvenanceDesk;
import dev.coppice.aggregator.release.RepositoryRefusedException;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredTask;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** States where the files of a pack come from, for the holders who are to sign it. */
@Controller("/v1/admin/tasks/{id}/provenance")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
@Tag(name = "packs")
final class ProvenanceController {
    private final ProvenanceDesk desk;
    private final Store store;

    ProvenanceController(ProvenanceDesk desk, Store store) {
        this.desk = desk;
        this.store = store;
    }

    @Operation(summary = "Vouches for the rounds that made an adapter")
    @Post
    HttpResponse<byte[]> state(@PathVariable String id, @Body byte @Nullable [] body)
            throws RequestRefusedException, RepositoryRefusedException, IOException {
        JsonNode request = Json.parse(Protobuf.bytes(body));
        Map<String, String> files = new TreeMap<>();
        request.path("files")
                .properties()
                .forEach(file -> files.put(file.getKey(), file.getValue().asText()));
        Optional<StoredTask> evaluation = request.path("evaluation").isTextual()
                ? Optional.of(task(request.path("evaluation").asText()))
                : Optional.empty();
        return HttpResponse.ok(desk.state(task(id), evaluation, files)).contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    private StoredTask task(String id) throws RequestRefusedException {
        return store.findTask(id).orElseThrow(() -> new RequestRefusedException(Kind.NOT_FOUND, "No such task"));
    }
}
