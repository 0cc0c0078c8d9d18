package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.security.authentication.AuthorizationException;
import io.micronaut.security.authentication.DefaultAuthorizationExceptionHandler;
import jakarta.inject.Singleton;
import java.net.URI;

/** What somebody hears who may not do what they asked for. */
@Singleton
@Replaces(DefaultAuthorizationExceptionHandler.class)
final class Refusal implements ExceptionHandler<AuthorizationException, HttpResponse<?>> {
    @Override
    public HttpResponse<?> handle(@SuppressWarnings("rawtypes") HttpRequest request, AuthorizationException e) {
        if (e.isForbidden()) {
            return Failures.json(HttpStatus.FORBIDDEN, "Your role does not allow this");
        }
        HttpRequest<?> asked = request;
        return Paths.isConsole(asked) && asked.getMethod() == HttpMethod.GET
                ? HttpResponse.seeOther(URI.create(Paths.LOGIN))
                : Failures.json(
                        HttpStatus.UNAUTHORIZED,
                        "The operator's token is needed here, or one of your identity provider");
    }
}
