package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;

/** Who somebody is who logs in at the console, by the same tokens that open the admin API. */
@Singleton
public final class Admission {
    private final List<TokenValidator<HttpRequest<?>>> tokens;

    Admission(FixedTokens fixed, IdentityTokens identity) {
        this.tokens = List.of(fixed, identity);
    }

    /** Blocks. @return empty for a token that opens nothing */
    public Optional<Authentication> find(String token, HttpRequest<?> request) {
        return Flux.fromIterable(tokens)
                .concatMap(validator -> validator.validateToken(token, request))
                .next()
                .filter(who -> !Collections.disjoint(who.getRoles(), Role.ALL))
                .blockOptional();
    }
}
