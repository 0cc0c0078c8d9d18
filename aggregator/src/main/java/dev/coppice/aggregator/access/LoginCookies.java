package dev.coppice.aggregator.access;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.coppice.crypto.SecretBytes;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.cookie.Cookie;
import io.micronaut.http.cookie.SameSite;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a browser keeps of a log-in that it began, so that only this browser can finish it, at any replica. Signed, so that nobody
 * has it finish one that was made up; sent along when the provider sends the browser back, which a strict cookie would not be.
 */
public final class LoginCookies implements AutoCloseable {
    static final Duration LENGTH = Duration.ofMinutes(10);

    private static final String NAME = "coppice-login";
    private static final String STATE = "state";
    private static final String NONCE = "nonce";
    private static final String VERIFIER = "verifier";

    private final KeyedTokens tokens;

    /** @param key of 32 bytes, which replicas share; closed with these cookies */
    public LoginCookies(SecretBytes key, InstantSource clock) {
        this.tokens = new KeyedTokens(key, "coppice-login", LENGTH, clock);
    }

    /** The cookie of an attempt that begins. */
    public Cookie begin(LoginAttempt attempt, HttpRequest<?> request) {
        return cookie(token(attempt), request).maxAge(LENGTH);
    }

    /** The cookie that takes its place when it ends. */
    public Cookie end(HttpRequest<?> request) {
        return cookie("", request).maxAge(0);
    }

    /** The attempt that this browser is at, unless it is made up or over. */
    public Optional<LoginAttempt> find(HttpRequest<?> request) {
        return request.getCookies().findCookie(NAME).flatMap(cookie -> find(cookie.getValue()));
    }

    String token(LoginAttempt attempt) {
        return tokens.issue(new JWTClaimsSet.Builder()
                .claim(STATE, attempt.state())
                .claim(NONCE, attempt.nonce())
                .claim(VERIFIER, attempt.verifier()));
    }

    Optional<LoginAttempt> find(String token) {
        return tokens.find(token).map(LoginCookies::attempt);
    }

    private static LoginAttempt attempt(JWTClaimsSet claims) {
        try {
            return new LoginAttempt(
                    claims.getStringClaim(STATE), claims.getStringClaim(NONCE), claims.getStringClaim(VERIFIER));
        } catch (ParseException e) {
            throw new IllegalStateException("An attempt that we signed has three values", e);
        }
    }

    private static Cookie cookie(String value, HttpRequest<?> request) {
        return Cookies.of(NAME, value, request).path(Paths.LOGIN).sameSite(SameSite.Lax);
    }

    @Override
    public void close() {
        tokens.close();
    }
}
