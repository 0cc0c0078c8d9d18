package dev.coppice.aggregator.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.coppice.crypto.SecretBytes;
import io.micronaut.security.authentication.Authentication;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * Sessions of the console: a token (JWT, HMAC-SHA-256) that any replica can check, made anew at each log-in and good for eight
 * hours. They open the console alone, not the admin API. For any thread.
 */
public final class Sessions implements AutoCloseable {
    public static final Duration LENGTH = Duration.ofHours(8);

    private static final String AUDIENCE = "coppice-console";
    private static final String ROLES = "roles";

    private final SecretBytes key;
    private final InstantSource clock;

    /** @param key of 32 bytes, which replicas share; closed with these sessions */
    public Sessions(SecretBytes key, InstantSource clock) {
        this.key = key;
        this.clock = clock;
    }

    /** A session for somebody who has just shown who they are. */
    public String begin(String name, Collection<String> roles) {
        Instant now = clock.instant();
        SignedJWT token = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                new JWTClaimsSet.Builder()
                        .subject(name)
                        .audience(AUDIENCE)
                        .claim(ROLES, List.copyOf(roles))
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(LENGTH)))
                        .build());
        try {
            token.sign(key.use(MACSigner::new));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("A key of 32 bytes signs", e);
        }
    }

    /** Who a session belongs to, unless it is made up or over. */
    public Optional<Authentication> find(String session) {
        try {
            SignedJWT token = SignedJWT.parse(session);
            JWTClaimsSet claims = token.getJWTClaimsSet();
            boolean good = JWSAlgorithm.HS256.equals(token.getHeader().getAlgorithm())
                    && token.verify(key.use(MACVerifier::new))
                    && claims.getAudience().equals(List.of(AUDIENCE))
                    && claims.getExpirationTime() != null
                    && clock.instant().isBefore(claims.getExpirationTime().toInstant());
            return good
                    ? Optional.of(Authentication.build(claims.getSubject(), claims.getStringListClaim(ROLES)))
                    : Optional.empty();
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        key.close();
    }
}
