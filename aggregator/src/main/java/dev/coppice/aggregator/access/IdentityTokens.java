package dev.coppice.aggregator.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Access tokens of an identity provider (RFC 9068): signed by one of its public keys, from the right issuer, for us, not
 * expired. Roles that we do not know are left out.
 */
@Singleton
final class IdentityTokens implements TokenValidator<HttpRequest<?>> {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityTokens.class);

    /** Public-key signatures alone: with others, who knows the public key could sign. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final IdentityProviderSettings provider;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    IdentityTokens(IdentityProviderSettings provider) {
        this.provider = provider;
        if (provider.isThere()) {
            processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(provider)));
            processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                    provider.audience(),
                    new JWTClaimsSet.Builder().issuer(provider.issuer()).build(),
                    Set.of("sub", "exp")));
        }
    }

    /** Fetched when first needed, kept for some minutes, fetched again for a key that is not known. */
    private static JWKSource<SecurityContext> keys(IdentityProviderSettings provider) {
        if (provider.issuer().isEmpty()) {
            throw new IllegalArgumentException("coppice.identity-provider.issuer is needed beside jwks");
        }
        try {
            URL address = URI.create(provider.jwks()).toURL();
            return JWKSourceBuilder.create(address).retrying(true).build();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("coppice.identity-provider.jwks is no address", e);
        }
    }

    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        return provider.isThere()
                ? Mono.fromCallable(() -> find(token))
                        .subscribeOn(Schedulers.boundedElastic())
                        .flatMap(Mono::justOrEmpty)
                : Mono.empty();
    }

    private Optional<Authentication> find(String token) {
        try {
            JWTClaimsSet claims = processor.process(token, null);
            return Optional.of(Authentication.build(claims.getSubject(), roles(claims)));
        } catch (ParseException | BadJOSEException e) {
            return Optional.empty(); // anybody may send anything
        } catch (JOSEException e) {
            LOG.warn("The identity provider's keys are out of reach: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private List<String> roles(JWTClaimsSet claims) {
        return claims.getClaim(provider.rolesClaim()) instanceof Collection<?> named
                ? Role.ALL.stream().filter(named::contains).toList()
                : List.of();
    }
}
