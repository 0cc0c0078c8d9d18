package dev.coppice.aggregator.http;

import dev.coppice.aggregator.limits.Addresses;
import dev.coppice.aggregator.limits.BodyRoom;
import dev.coppice.aggregator.limits.Buckets;
import dev.coppice.aggregator.limits.LimitSettings;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Filter;
import io.micronaut.http.body.ByteBody.SplitBackpressureMode;
import io.micronaut.http.body.CloseableByteBody;
import io.micronaut.http.filter.HttpServerFilter;
import io.micronaut.http.filter.ServerFilterChain;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Turns away who asks too often, sends too much or too slowly, before anything else is done: 429, 411, 413, 408, and 503 where all
 * room for bodies is taken. A device's request goes on once its body is there, which holds no thread until then.
 */
@Filter(Filter.MATCH_ALL_PATTERN)
final class AdmissionFilter implements HttpServerFilter {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Addresses addresses;
    private final Buckets perAddress;
    private final BodyRoom room;
    private final LimitSettings settings;

    AdmissionFilter(Addresses addresses, BodyRoom room, LimitSettings settings) {
        this.addresses = addresses;
        this.perAddress = settings.perAddress();
        this.room = room;
        this.settings = settings;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public Publisher<MutableHttpResponse<?>> doFilter(HttpRequest<?> request, ServerFilterChain chain) {
        Optional<Duration> wait = addresses.limited(request).flatMap(perAddress::take);
        if (wait.isPresent()) {
            return refused(Failures.retryAfter(
                    Failures.reply(request, HttpStatus.TOO_MANY_REQUESTS, "Too many requests: come again later"),
                    wait.get()));
        }
        OptionalLong bytesMax = DeviceRoutes.bytesMax(request.getPath());
        return bytesMax.isEmpty() ? chain.proceed(request) : admitBody(request, bytesMax.getAsLong(), chain);
    }

    /** The length is known before the body: HTTP holds who sends more, or less, to what was said. */
    private Publisher<MutableHttpResponse<?>> admitBody(
            HttpRequest<?> request, long bytesMax, ServerFilterChain chain) {
        OptionalLong length = length(request);
        if (length.isEmpty()) {
            return request.getMethod() == HttpMethod.POST
                    ? refused(Failures.text(HttpStatus.LENGTH_REQUIRED, "Say how long the body is (Content-Length)"))
                    : chain.proceed(request);
        }
        long bytes = length.getAsLong();
        if (bytes > bytesMax) {
            return refused(Failures.text(
                    HttpStatus.REQUEST_ENTITY_TOO_LARGE, "At most " + bytesMax + " bytes are taken here"));
        }
        if (!room.take(bytes)) {
            return refused(Failures.retryAfter(
                    Failures.text(HttpStatus.SERVICE_UNAVAILABLE, "Too much is being sent at once: come again"), SOON));
        }
        return Mono.fromFuture(whole(request), true)
                .timeout(settings.bodyTimeMax(bytes))
                .flatMap(isWhole -> isWhole ? Mono.from(chain.proceed(request)) : Mono.just(cutShort()))
                .onErrorResume(TimeoutException.class, late -> Mono.just(tooSlow()))
                .doFinally(end -> room.give(bytes));
    }

    /** Whether the body came whole, once that is known; waited for on no thread. */
    private static CompletableFuture<Boolean> whole(HttpRequest<?> request) {
        CloseableByteBody body = ((ServerHttpRequest<?>) request).byteBody().split(SplitBackpressureMode.FASTEST);
        return body.buffer().handle((whole, failure) -> {
            if (whole != null) {
                whole.close();
            }
            return failure == null;
        });
    }

    private static MutableHttpResponse<?> cutShort() {
        return Failures.text(HttpStatus.BAD_REQUEST, Failures.CUT_SHORT);
    }

    private static MutableHttpResponse<?> tooSlow() {
        return Failures.text(HttpStatus.REQUEST_TIMEOUT, "The body took too long: send 16 kB a second or more");
    }

    private static OptionalLong length(HttpRequest<?> request) {
        Optional<Long> length =
                request.getHeaders().findFirst(HttpHeaders.CONTENT_LENGTH).flatMap(AdmissionFilter::number);
        return length.isPresent() ? OptionalLong.of(length.get()) : OptionalLong.empty();
    }

    private static Optional<Long> number(String text) {
        try {
            return Optional.of(Long.parseLong(text)).filter(n -> n >= 0);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Who goes on sending is not heard out: see {@code Pace}. */
    private static Publisher<MutableHttpResponse<?>> refused(MutableHttpResponse<byte[]> reply) {
        return Mono.just(reply);
    }
}
