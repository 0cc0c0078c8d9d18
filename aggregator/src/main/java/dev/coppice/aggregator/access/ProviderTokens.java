package dev.coppice.aggregator.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.micronaut.security.authentication.Authentication;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens of an identity provider: signed by one of its public keys, from the right issuer, for one audience, not expired. Roles
 * that we do not know are left out. For any thread.
 */
final class ProviderTokens {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderTokens.class);

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

    /** @param types that a token may say it is of; null for saying nothing */
    private ProviderTokens(IdentityProviderSettings provider, String audience, @Nullable JOSEObjectType... types) {
        this.provider = provider;
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(types));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(provider)));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                audience, new JWTClaimsSet.Builder().issuer(provider.issuer()).build(), Set.of("sub", "exp")));
    }

    /** Access tokens for our own interfaces (RFC 9068; also of providers that give them no type of their own). */
    static ProviderTokens ofAccess(IdentityProviderSettings provider) {
        return new ProviderTokens(
                provider, provider.audience(), new JOSEObjectType("at+jwt"), JOSEObjectType.JWT, null);
    }

    /** ID tokens for us as a client. */
    static ProviderTokens ofIdentity(IdentityProviderSettings provider, String clientId) {
        return new ProviderTokens(provider, clientId, JOSEObjectType.JWT, null);
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

    /** What a token says, if it is one of these. Blocks. */
    Optional<JWTClaimsSet> find(String token) {
        try {
            return Optional.of(processor.process(token, null));
        } catch (ParseException | BadJOSEException e) {
            return Optional.empty(); // anybody may send anything
        } catch (JOSEException e) {
            LOG.warn("The identity provider's keys are out of reach: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Whom a token is about. */
    Authentication who(JWTClaimsSet claims) {
        List<String> roles = claims.getClaim(provider.rolesClaim()) instanceof Collection<?> named
                ? Role.ALL.stream().filter(named::contains).toList()
                : List.of();
        return Authentication.build(claims.getSubject(), roles);
    }
}
