package dev.coppice.aggregator.access;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.coppice.crypto.SecretBytes;
import io.micronaut.security.authentication.Authentication;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Sessions of the console: a token that any replica can check, made anew at each log-in and good for eight hours. They open the
 * console alone, not the admin API. For any thread.
 */
public final class Sessions implements AutoCloseable {
    public static final Duration LENGTH = Duration.ofHours(8);

    private static final String ROLES = "roles";

    private final KeyedTokens tokens;

    /** @param key of 32 bytes, which replicas share; closed with these sessions */
    public Sessions(SecretBytes key, InstantSource clock) {
        this.tokens = new KeyedTokens(key, "coppice-console", LENGTH, clock);
    }

    /** A session for somebody who has just shown who they are. */
    public String begin(String name, Collection<String> roles) {
        return tokens.issue(new JWTClaimsSet.Builder().subject(name).claim(ROLES, List.copyOf(roles)));
    }

    /** Who a session belongs to, unless it is made up or over. */
    public Optional<Authentication> find(String session) {
        return tokens.find(session).map(Sessions::who);
    }

    private static Authentication who(JWTClaimsSet claims) {
        try {
            return Authentication.build(claims.getSubject(), claims.getStringListClaim(ROLES));
        } catch (ParseException e) {
            throw new IllegalStateException("A session that we made names roles", e);
        }
    }

    @Override
    public void close() {
        tokens.close();
    }
}
