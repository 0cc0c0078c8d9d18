package dev.coppice.aggregator.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.coppice.crypto.SecretBytes;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * Tokens that come back to us alone (JWT, HMAC-SHA-256), for one use each kind, so that any replica can check them. For any thread.
 */
final class KeyedTokens implements AutoCloseable {
    private final SecretBytes key;
    private final String audience;
    private final Duration length;
    private final InstantSource clock;

    /**
     * Tokens of one kind.
     *
     * @param key of 32 bytes, which replicas share; closed with this
     * @param audience the kind: a token of another one is none
     * @param length for how long a token is good
     */
    KeyedTokens(SecretBytes key, String audience, Duration length, InstantSource clock) {
        this.key = key;
        this.audience = audience;
        this.length = length;
        this.clock = clock;
    }

    /** A token that says this. */
    String issue(JWTClaimsSet.Builder claims) {
        Instant now = clock.instant();
        SignedJWT token = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                claims.audience(audience)
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(length)))
                        .build());
        try {
            token.sign(key.use(MACSigner::new));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("A key of 32 bytes signs", e);
        }
    }

    /** What a token says, unless it is made up, of another kind, or over. */
    Optional<JWTClaimsSet> find(String offered) {
        try {
            SignedJWT token = SignedJWT.parse(offered);
            JWTClaimsSet claims = token.getJWTClaimsSet();
            boolean good = JWSAlgorithm.HS256.equals(token.getHeader().getAlgorithm())
                    && token.verify(key.use(MACVerifier::new))
                    && claims.getAudience().equals(List.of(audience))
                    && claims.getExpirationTime() != null
                    && clock.instant().isBefore(claims.getExpirationTime().toInstant());
            return good ? Optional.of(claims) : Optional.empty();
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        key.close();
    }
}
