package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import dev.coppice.aggregator.audit.AuditLog;
import dev.coppice.crypto.Sha256;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.filter.ServerFilterPhase;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Enters each change that somebody asks for in the audit log before it is made, and what came of it after. What cannot be
 * entered is not made. Bodies are entered by their hash alone.
 */
@ServerFilter({Paths.ADMIN + "/**", Paths.CONSOLE + "/**"})
final class AuditFilter implements Ordered {
    private static final String ENTRY = "coppice.audit.entry";

    private final AuditLog log;

    AuditFilter(AuditLog log) {
        this.log = log;
    }

    /** Who is asking is known by then. */
    @Override
    public int getOrder() {
        return ServerFilterPhase.SECURITY.after();
    }

    @RequestFilter
    @ExecuteOn(TaskExecutors.VIRTUAL)
    void asked(HttpRequest<?> request, @Body byte @Nullable [] body) {
        if (changes(request)) {
            String detail = detail(request, Protobuf.bytes(body));
            request.setAttribute(
                    ENTRY, log.record(actor(request), action(request), detail).position());
        }
    }

    @ResponseFilter
    @ExecuteOn(TaskExecutors.VIRTUAL)
    void answered(HttpRequest<?> request, HttpResponse<?> response) {
        request.getAttribute(ENTRY, Long.class)
                .ifPresent(entry -> log.record(actor(request), "got " + response.code(), "entry " + entry));
    }

    /** Of a token that is typed in at the log-in not even the hash. */
    private static String detail(HttpRequest<?> request, byte[] body) {
        return request.getPath().equals(Paths.LOGIN) || body.length == 0 ? "" : "sha256 " + Sha256.hex(body);
    }

    private static boolean changes(HttpRequest<?> request) {
        return (request.getMethod() != HttpMethod.GET && request.getMethod() != HttpMethod.HEAD)
                || request.getPath().equals(Paths.CALLBACK);
    }

    private static String action(HttpRequest<?> request) {
        return request.getMethodName() + " " + request.getPath();
    }

    private static String actor(HttpRequest<?> request) {
        return request.getUserPrincipal().map(Principal::getName).orElse("nobody");
    }
}
