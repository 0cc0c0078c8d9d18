package dev.coppice.aggregator.http;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;

/** What the framework refuses by itself (no such path, no such method, a parameter that is no number) in our own form. */
@Singleton
final class FrameworkProblems implements ErrorResponseProcessor<byte[]> {
    @Override
    public MutableHttpResponse<byte[]> processResponse(ErrorContext context, MutableHttpResponse<?> response) {
        HttpStatus status = HttpStatus.valueOf(response.code());
        String reason =
                context.getErrors().stream().map(Error::getMessage).findFirst().orElse(status.getReason());
        HttpResponse<byte[]> told = Failures.reply(context.getRequest(), status, reason);
        MutableHttpResponse<byte[]> answer = HttpResponse.<byte[]>status(status).body(told.body());
        response.getHeaders().forEach((name, values) -> values.forEach(value -> answer.header(name, value)));
        told.getContentType().ifPresent(answer::contentType);
        return answer;
    }
}
