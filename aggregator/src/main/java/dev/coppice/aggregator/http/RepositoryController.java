package dev.coppice.aggregator.http;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.release.RepositoryDesk;
import dev.coppice.aggregator.store.BlobStore;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.server.types.files.SystemFile;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

/**
 * The repository of skill packs, for TUF clients and for caches between them and us. All but {@code timestamp.json} has its
 * version or hash in its name, and may be kept for ever.
 */
@Controller("/v1/repository")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class RepositoryController {
    private final RepositoryDesk desk;
    private final BlobStore blobs;

    RepositoryController(RepositoryDesk desk, BlobStore blobs) {
        this.desk = desk;
        this.blobs = blobs;
    }

    @Get("/metadata/{file}")
    HttpResponse<?> metadata(@PathVariable String file) {
        return desk.find(file)
                .map(ByteString::toByteArray)
                .<HttpResponse<?>>map(bytes -> HttpResponse.ok(bytes)
                        .contentType(MediaType.APPLICATION_JSON_TYPE)
                        .header(
                                HttpHeaders.CACHE_CONTROL,
                                file.equals("timestamp.json") ? Caching.A_MOMENT : Caching.FOR_EVER))
                .orElseGet(Caching::missing);
    }

    /** Content is addressed by its hash, which stands before the name; the folders are for people. */
    @Get("/targets/{+path}")
    HttpResponse<?> target(@PathVariable String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int dot = name.indexOf('.');
        return blobs.find(dot < 0 ? "" : name.substring(0, dot))
                .map(file -> new SystemFile(file.toFile(), MediaType.APPLICATION_OCTET_STREAM_TYPE))
                .<HttpResponse<?>>map(file -> HttpResponse.ok(file).header(HttpHeaders.CACHE_CONTROL, Caching.FOR_EVER))
                .orElseGet(Caching::missing);
    }
}
