package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.release.RepositoryRefusedException;
import dev.coppice.aggregator.store.StoreException;
import dev.coppice.aggregator.task.TaskRefusedException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From what went wrong to a status and a short reason: problem details (RFC 9457) for operators, plain text for devices. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final MediaType PROBLEM = MediaType.of("application/problem+json");

    private Failures() {}

    static HttpResponse<byte[]> text(HttpStatus status, String reason) {
        return HttpResponse.<byte[]>status(status)
                .body(reason.getBytes(StandardCharsets.UTF_8))
                .contentType(MediaType.TEXT_PLAIN_TYPE);
    }

    static HttpResponse<byte[]> json(HttpStatus status, String reason) {
        return HttpResponse.<byte[]>status(status)
                .body(Json.bytes(Map.of("title", status.getReason(), "status", status.getCode(), "detail", reason)))
                .contentType(PROBLEM);
    }

    private static HttpResponse<byte[]> reply(HttpRequest<?> request, HttpStatus status, String reason) {
        return Paths.isAdmin(request) || Paths.isConsole(request) ? json(status, reason) : text(status, reason);
    }

    private static HttpStatus status(RequestRefusedException.Kind kind) {
        return switch (kind) {
            case MALFORMED -> HttpStatus.BAD_REQUEST;
            case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
            case FORBIDDEN -> HttpStatus.FORBIDDEN;
            case NOT_FOUND -> HttpStatus.NOT_FOUND;
            case CONFLICT -> HttpStatus.CONFLICT;
            case TOO_LARGE -> HttpStatus.REQUEST_ENTITY_TOO_LARGE;
        };
    }

    @Singleton
    static final class RefusedRequest implements ExceptionHandler<RequestRefusedException, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(
                @SuppressWarnings("rawtypes") HttpRequest request, RequestRefusedException e) {
            return reply(request, status(e.kind()), String.valueOf(e.getMessage()));
        }
    }

    @Singleton
    static final class RefusedTask implements ExceptionHandler<TaskRefusedException, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(@SuppressWarnings("rawtypes") HttpRequest request, TaskRefusedException e) {
            return reply(request, HttpStatus.UNPROCESSABLE_ENTITY, String.valueOf(e.getMessage()));
        }
    }

    @Singleton
    static final class RefusedMetadata implements ExceptionHandler<RepositoryRefusedException, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(
                @SuppressWarnings("rawtypes") HttpRequest request, RepositoryRefusedException e) {
            return reply(request, HttpStatus.UNPROCESSABLE_ENTITY, String.valueOf(e.getMessage()));
        }
    }

    @Singleton
    static final class BrokenStore implements ExceptionHandler<StoreException, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(@SuppressWarnings("rawtypes") HttpRequest request, StoreException e) {
            LOG.error("{}", e.getMessage(), e);
            return reply(request, HttpStatus.SERVICE_UNAVAILABLE, "Try again later");
        }
    }

    /** Our own bug, or a disk that fails: the log learns what, the sender only that. */
    @Singleton
    static final class Unexpected implements ExceptionHandler<Throwable, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(@SuppressWarnings("rawtypes") HttpRequest request, Throwable e) {
            LOG.error("{} {} failed", request.getMethod(), request.getPath(), e);
            return reply(request, HttpStatus.INTERNAL_SERVER_ERROR, "Internal error");
        }
    }
}
