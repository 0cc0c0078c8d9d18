package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import dev.coppice.aggregator.idempotency.Answers;
import dev.coppice.aggregator.idempotency.Answers.Verdict;
import dev.coppice.aggregator.store.AnswerStore.StoredAnswer;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.filter.ServerFilterPhase;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Does a request with an {@code Idempotency-Key} once, however often it is sent: the first answer is given again. */
@ServerFilter(Paths.ADMIN + "/**")
final class IdempotencyFilter implements Ordered {
    static final String KEY = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";

    private static final String CLAIM = "coppice.idempotency.claim";

    private final Answers answers;

    IdempotencyFilter(Answers answers) {
        this.answers = answers;
    }

    /** What is asked for once more is in the audit log too. */
    @Override
    public int getOrder() {
        return ServerFilterPhase.SECURITY.after() + 1;
    }

    @RequestFilter
    @ExecuteOn(TaskExecutors.VIRTUAL)
    @Nullable
    HttpResponse<?> asked(HttpRequest<?> request, @Body byte @Nullable [] body) {
        Optional<String> key = request.getHeaders().findFirst(KEY);
        if (key.isEmpty() || request.getMethod() == HttpMethod.GET || request.getMethod() == HttpMethod.HEAD) {
            return null;
        }
        if (key.get().isBlank() || key.get().length() > Answers.KEY_CHARS_MAX) {
            return Failures.json(HttpStatus.BAD_REQUEST, KEY + " has 1 to " + Answers.KEY_CHARS_MAX + " characters");
        }
        Verdict verdict = answers.begin(actor(request), key.get(), bytes(request, Protobuf.bytes(body)));
        return switch (verdict) {
            case Verdict.Do first -> {
                request.setAttribute(CLAIM, first.claim());
                yield null;
            }
            case Verdict.Again again ->
                HttpResponse.status(HttpStatus.valueOf(again.status()))
                        .body(again.body().toByteArray())
                        .contentType(MediaType.of(again.contentType()))
                        .header(REPLAYED, "true");
            case Verdict.OtherRequest ignored ->
                Failures.json(
                        HttpStatus.UNPROCESSABLE_ENTITY, "This " + KEY + " was another request's: take a new one");
            case Verdict.InProgress ignored ->
                Failures.json(HttpStatus.CONFLICT, "The same request is being worked at: ask again in a moment");
            case Verdict.NotKept ignored ->
                Failures.json(HttpStatus.CONFLICT, "This was done; its answer was too long to be kept");
        };
    }

    @ResponseFilter
    @ExecuteOn(TaskExecutors.VIRTUAL)
    void answered(HttpRequest<?> request, HttpResponse<?> response) {
        Optional<StoredAnswer> claim = request.getAttribute(CLAIM, StoredAnswer.class);
        if (claim.isEmpty()) {
            return;
        }
        request.removeAttribute(CLAIM, StoredAnswer.class);
        if (response.code() >= HttpStatus.INTERNAL_SERVER_ERROR.getCode()) {
            answers.failed(claim.get());
            return;
        }
        byte[] body = response.getBody(byte[].class).orElse(new byte[0]);
        String type = response.getContentType().map(MediaType::toString).orElse(MediaType.APPLICATION_JSON);
        answers.done(claim.get(), response.code(), type, body);
    }

    private static byte[] bytes(HttpRequest<?> request, byte[] body) {
        byte[] head = (request.getMethodName() + " " + request.getUri() + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    private static String actor(HttpRequest<?> request) {
        return request.getUserPrincipal().map(Principal::getName).orElse("nobody");
    }
}
