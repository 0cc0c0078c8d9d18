package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets nothing change by a request that another site's page made a browser send: browsers say where a request comes from
 * ({@code Sec-Fetch-Site}, or at least {@code Origin}).
 */
@ServerFilter(Paths.CONSOLE + "/**")
final class SameSiteFilter {
    @RequestFilter
    @Nullable
    HttpResponse<?> admit(HttpRequest<?> request) {
        boolean reads = request.getMethod() == HttpMethod.GET || request.getMethod() == HttpMethod.HEAD;
        return reads || isSameOrigin(request)
                ? null
                : Failures.text(HttpStatus.FORBIDDEN, "This request comes from another site");
    }

    private static boolean isSameOrigin(HttpRequest<?> request) {
        Optional<String> site = request.getHeaders().findFirst("Sec-Fetch-Site");
        if (site.isPresent()) {
            return site.get().equals("same-origin");
        }
        Optional<String> host = request.getHeaders().findFirst("Host");
        return host.isPresent()
                && request.getHeaders()
                        .findFirst("Origin")
                        .map(SameSiteFilter::authority)
                        .equals(host);
    }

    private static String authority(String origin) {
        try {
            return String.valueOf(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
