package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.cookie.Cookie;
import io.micronaut.http.cookie.SameSite;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.reader.TokenReader;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** Sessions in a cookie that is sent to the console alone, by the same site alone, and that no script can read. */
@Singleton
public final class SessionCookies implements TokenReader<HttpRequest<?>>, TokenValidator<HttpRequest<?>> {
    private static final String NAME = "coppice-session";

    private final Sessions sessions;

    SessionCookies(Sessions sessions) {
        this.sessions = sessions;
    }

    /** The cookie of a session that begins. */
    public Cookie begin(Authentication who, HttpRequest<?> request) {
        return cookie(sessions.begin(who.getName(), who.getRoles()), request).maxAge(Sessions.LENGTH);
    }

    /** The cookie that takes its place when it ends. */
    public Cookie end(HttpRequest<?> request) {
        return cookie("", request).maxAge(0);
    }

    private static Cookie cookie(String value, HttpRequest<?> request) {
        return Cookies.of(NAME, value, request).path(Paths.CONSOLE).sameSite(SameSite.Strict);
    }

    @Override
    public Optional<String> findToken(HttpRequest<?> request) {
        return Paths.isConsole(request)
                ? request.getCookies().findCookie(NAME).map(Cookie::getValue)
                : Optional.empty();
    }

    /** A session that was taken out of its cookie opens nothing else. */
    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        return request != null && Paths.isConsole(request) ? Mono.justOrEmpty(sessions.find(token)) : Mono.empty();
    }
}
