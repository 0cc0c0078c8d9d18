package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.release.RepositoryRefusedException;
import dev.coppice.aggregator.store.StoreException;
import dev.coppice.aggregator.task.TaskRefusedException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From what went wrong to a status and a short reason: problem details (RFC 9457) for operators, plain text for devices. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    static final String CUT_SHORT = "The body ended before its end";
    static final String PROBLEM_TYPE = "application/problem+json";

    private static final MediaType PROBLEM = MediaType.of(PROBLEM_TYPE);

    private Failures() {}

    static MutableHttpResponse<byte[]> text(HttpStatus status, String reason) {
        return HttpResponse.<byte[]>status(status)
                .body(reason.getBytes(StandardCharsets.UTF_8))
                .contentType(MediaType.TEXT_PLAIN_TYPE);
    }

    static MutableHttpResponse<byte[]> json(HttpStatus status, String reason) {
        return HttpResponse.<byte[]>status(status)
                .body(Json.bytes(new Problem(status.getReason(), status.getCode(), reason)))
                .contentType(PROBLEM);
    }

    static MutableHttpResponse<byte[]> reply(HttpRequest<?> request, HttpStatus status, String reason) {
        return Paths.isAdmin(request) || Paths.isConsole(request) ? json(status, reason) : text(status, reason);
    }

    /** In whole seconds, rounded up (RFC 9110, section 10.2.3). */
    static MutableHttpResponse<byte[]> retryAfter(MutableHttpResponse<byte[]> reply, Duration wait) {
        return reply.header(
                HttpHeaders.RETRY_AFTER, Long.toString(wait.plusMillis(999).toSeconds()));
    }

    private static HttpStatus status(RequestRefusedException.Kind kind) {
        return switch (kind) {
            case MALFORMED -> HttpStatus.BAD_REQUEST;
            case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
            case FORBIDDEN -> HttpStatus.FORBIDDEN;
            case NOT_FOUND -> HttpStatus.NOT_FOUND;
            case CONFLICT -> HttpStatus.CONFLICT;
            case TOO_LARGE -> HttpStatus.REQUEST_ENTITY_TOO_LARGE;
            case TOO_MANY -> HttpStatus.TOO_MANY_REQUESTS;
        };
    }

    @Singleton
    static final class RefusedRequest implements ExceptionHandler<RequestRefusedException, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(
                @SuppressWarnings("rawtypes") HttpRequest request, RequestRefusedException e) {
            MutableHttpResponse<byte[]> reply = reply(request, status(e.kind()), String.valueOf(e.getMessage()));
            return e.retryAfter().isZero() ? reply : retryAfter(reply, e.retryAfter());
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

    /** Whoever sent has gone, or was given up, in the middle of a body: nobody hears this. */
    @Singleton
    static final class CutShort implements ExceptionHandler<ClosedChannelException, HttpResponse<byte[]>> {
        @Override
        public HttpResponse<byte[]> handle(
                @SuppressWarnings("rawtypes") HttpRequest request, ClosedChannelException e) {
            return reply(request, HttpStatus.BAD_REQUEST, CUT_SHORT);
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
