package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** The tokens that are files beside the keys. Tokens of an identity provider have a validator of their own. */
@Singleton
final class FixedTokens implements TokenValidator<HttpRequest<?>> {
    private final List<FixedToken> tokens;

    FixedTokens(List<FixedToken> tokens) {
        this.tokens = tokens;
    }

    @Override
    public Publisher<Authentication> validateToken(String offered, @Nullable HttpRequest<?> request) {
        return Flux.fromIterable(tokens)
                .filter(token -> token.is(offered))
                .next()
                .map(token -> Authentication.build(token.name(), token.roles()));
    }
}
