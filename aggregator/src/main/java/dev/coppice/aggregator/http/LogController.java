package dev.coppice.aggregator.http;

import dev.coppice.aggregator.release.LogDesk;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/** The transparency log, as C2SP's tlog-tiles has it. Tiles never change; the checkpoint does. */
@Hidden
@Controller("/v1/log")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class LogController {
    private final LogDesk log;

    LogController(LogDesk log) {
        this.log = log;
    }

    @Get("/checkpoint")
    HttpResponse<?> checkpoint() {
        return reply(log.find("checkpoint"), MediaType.TEXT_PLAIN_TYPE, Caching.A_MOMENT);
    }

    @Get("/tile/{+path}")
    HttpResponse<?> tile(@PathVariable String path) {
        return reply(log.find("tile/" + path), MediaType.APPLICATION_OCTET_STREAM_TYPE, Caching.FOR_EVER);
    }

    /** A hint, which whoever asks will check. */
    @Get("/position/{sha256}")
    HttpResponse<?> position(@PathVariable String sha256) {
        Optional<byte[]> position = Stream.of(log.position(sha256))
                .filter(found -> found.isPresent())
                .map(found -> Long.toString(found.getAsLong()).getBytes(StandardCharsets.US_ASCII))
                .findFirst();
        return reply(position, MediaType.TEXT_PLAIN_TYPE, Caching.A_MOMENT);
    }

    private static HttpResponse<?> reply(Optional<byte[]> content, MediaType type, String caching) {
        return content.<HttpResponse<?>>map(
                        bytes -> HttpResponse.ok(bytes).contentType(type).header(HttpHeaders.CACHE_CONTROL, caching))
                .orElseGet(Caching::missing);
    }
}
