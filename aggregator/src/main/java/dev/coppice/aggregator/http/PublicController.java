package dev.coppice.aggregator.http;

import dev.coppice.aggregator.release.ReleaseDesk;
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
import java.util.Map;

/** What anybody may fetch: nothing here is secret, and whoever fetches it checks it. */
@Controller("/v1")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class PublicController {
    private final BlobStore blobs;
    private final ReleaseDesk releases;
    private final PublicKeys keys;

    PublicController(BlobStore blobs, ReleaseDesk releases, PublicKeys keys) {
        this.blobs = blobs;
        this.releases = releases;
        this.keys = keys;
    }

    @Get("/blobs/{sha256}")
    HttpResponse<?> blob(@PathVariable String sha256) {
        return blobs.find(sha256)
                .map(file -> new SystemFile(file.toFile(), MediaType.APPLICATION_OCTET_STREAM_TYPE))
                .<HttpResponse<?>>map(HttpResponse::ok)
                .orElseGet(() -> Failures.text(HttpStatus.NOT_FOUND, "No such blob"));
    }

    @Get("/packs/{skill}")
    HttpResponse<?> pack(@PathVariable String skill) {
        return releases.find(skill)
                .<HttpResponse<?>>map(
                        bytes -> HttpResponse.ok(bytes.toByteArray()).contentType(Protobuf.TYPE))
                .orElseGet(() -> Failures.text(HttpStatus.NOT_FOUND, "No such pack"));
    }

    /** For operators to compare and to pin; a device that fetched its pins from here would trust anybody. */
    @Get("/keys")
    HttpResponse<byte[]> keys() {
        return Json.ok(Map.of(
                "server",
                keys.server().toString(),
                "enrolment",
                keys.enrolment().toString()));
    }
}
