package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** Whoever has the operator's token may do everything. Tokens of an identity provider have a validator of their own. */
@Singleton
final class OperatorTokens implements TokenValidator<HttpRequest<?>> {
    private final OperatorToken token;

    OperatorTokens(OperatorToken token) {
        this.token = token;
    }

    @Override
    public Publisher<Authentication> validateToken(String offered, @Nullable HttpRequest<?> request) {
        return token.is(offered) ? Mono.just(Authentication.build("operator", Role.ALL)) : Mono.empty();
    }
}
