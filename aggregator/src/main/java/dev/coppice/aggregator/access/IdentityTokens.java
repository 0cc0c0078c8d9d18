package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Access tokens of an identity provider, if there is one. */
@Singleton
final class IdentityTokens implements TokenValidator<HttpRequest<?>> {
    @Nullable
    private final ProviderTokens tokens;

    IdentityTokens(IdentityProviderSettings provider) {
        this.tokens = provider.isThere() ? ProviderTokens.ofAccess(provider) : null;
    }

    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        ProviderTokens known = tokens;
        return known == null
                ? Mono.empty()
                : Mono.fromCallable(() -> known.find(token))
                        .subscribeOn(Schedulers.boundedElastic())
                        .flatMap(Mono::justOrEmpty)
                        .map(known::who);
    }
}
