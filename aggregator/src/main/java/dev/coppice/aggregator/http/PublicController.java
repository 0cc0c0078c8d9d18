package dev.coppice.aggregator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.store.BlobStore;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.server.types.files.SystemFile;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.Map;
import java.util.TreeMap;

/** What anybody may fetch: nothing here is secret, and whoever fetches it checks it. */
@Hidden
@Controller("/v1")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class PublicController {
    private final BlobStore blobs;
    private final PublicKeys keys;

    PublicController(BlobStore blobs, PublicKeys keys) {
        this.blobs = blobs;
        this.keys = keys;
    }

    @Get("/blobs/{sha256}")
    HttpResponse<?> blob(@PathVariable String sha256) {
        return blobs.find(sha256)
                .map(file -> new SystemFile(file.toFile(), MediaType.APPLICATION_OCTET_STREAM_TYPE))
                .<HttpResponse<?>>map(HttpResponse::ok)
                .orElseGet(() -> Failures.text(HttpStatus.NOT_FOUND, "No such blob"));
    }

    /** For operators to compare and to pin; a device that fetched its pins from here would trust anybody. */
    @Get("/keys")
    HttpResponse<byte[]> keys() {
        Map<String, JsonNode> repository = new TreeMap<>();
        keys.repository().forEach((role, holder) -> repository.put(role, Json.tree(holder.toJson())));
        return Json.ok(Map.of(
                "server",
                keys.server().toString(),
                "enrolment",
                keys.enrolment().toString(),
                "repository",
                repository,
                "log",
                keys.log()));
    }
}
