package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.cookie.Cookie;

/** Cookies that no script can read, and that do not travel in the clear where the browser came by TLS. */
final class Cookies {
    private Cookies() {}

    static Cookie of(String name, String value, HttpRequest<?> request) {
        boolean overTls = request.isSecure()
                || request.getHeaders()
                        .findFirst("X-Forwarded-Proto")
                        .filter("https"::equals)
                        .isPresent();
        return Cookie.of(name, value).httpOnly(true).secure(overTls);
    }
}
