package dev.coppice.aggregator.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets nobody near the admin API without the operator's token. */
@ServerFilter("/v1/admin/**")
final class AdminFilter {
    static final String PREFIX = "/v1/admin/";

    private static final String BEARER = "Bearer ";

    private final OperatorToken token;

    AdminFilter(OperatorToken token) {
        this.token = token;
    }

    @RequestFilter
    @Nullable
    HttpResponse<byte[]> admit(HttpRequest<?> request) {
        Optional<String> offered = request.getHeaders()
                .findFirst("Authorization")
                .filter(header -> header.startsWith(BEARER))
                .map(header -> header.substring(BEARER.length()));
        boolean admitted = offered.isPresent() && token.is(offered.get());
        return admitted ? null : Failures.json(HttpStatus.UNAUTHORIZED, "The operator's token is needed here");
    }
}
