package dev.coppice.aggregator.http;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.release.EncodedFiles;
import dev.coppice.aggregator.release.RepositoryDesk;
import dev.coppice.aggregator.store.BlobStore;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.IOException;

/**
 * The repository of skill packs, for TUF clients and for caches between them and us. All but {@code timestamp.json} has its
 * version or hash in its name, and may be kept for ever.
 */
@Hidden
@Controller("/v1/repository")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class RepositoryController {
    private final RepositoryDesk desk;
    private final TargetReplies targets;

    RepositoryController(RepositoryDesk desk, BlobStore blobs, EncodedFiles encoded) {
        this.desk = desk;
        this.targets = new TargetReplies(blobs, encoded);
    }

    @Get("/metadata/{file}")
    HttpResponse<?> metadata(@PathVariable String file) {
        return desk.find(file)
                .map(ByteString::toByteArray)
                .<HttpResponse<?>>map(bytes -> HttpResponse.ok(bytes)
                        .contentType(MediaType.APPLICATION_JSON_TYPE)
                        .header(
                                HttpHeaders.CACHE_CONTROL,
                                file.equals("timestamp.json") ? Caching.A_MOMENT : Caching.FOR_EVER)
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)) // the server may compress it
                .orElseGet(Caching::missing);
    }

    /** Content is addressed by its hash, which stands before the name; the folders are for people. */
    @Get("/targets/{+path}")
    HttpResponse<?> target(HttpRequest<?> request, @PathVariable String path) throws IOException {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int dot = name.indexOf('.');
        return targets.reply(request.getHeaders(), dot < 0 ? "" : name.substring(0, dot));
    }
}
