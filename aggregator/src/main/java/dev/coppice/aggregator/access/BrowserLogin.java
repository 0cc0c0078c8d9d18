package dev.coppice.aggregator.access;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.coppice.crypto.RandomSource;
import io.micronaut.context.annotation.Context;
import io.micronaut.http.uri.UriBuilder;
import io.micronaut.security.authentication.Authentication;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has an identity provider say who somebody is (OpenID Connect Core, section 3.1; PKCE, RFC 7636). What comes by way of the browser
 * is believed of nobody: the code is changed for an ID token at the provider itself, and that must be for us, for this attempt, and
 * signed. A code that is used twice is the provider's to refuse. For any thread; blocks.
 */
@Context
public final class BrowserLogin {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserLogin.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int REPLY_BYTES_MAX = 1 << 16;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final BrowserLoginSettings settings;
    private final RandomSource random;

    @Nullable
    private final ProviderTokens tokens;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build(); // follows no redirects

    BrowserLogin(BrowserLoginSettings settings, IdentityProviderSettings provider, RandomSource random) {
        settings.check(provider);
        this.settings = settings;
        this.random = random;
        this.tokens = settings.isThere() ? ProviderTokens.ofIdentity(provider, settings.clientId()) : null;
    }

    /** Whether there is a provider to be sent to. */
    public boolean isOffered() {
        return settings.isThere();
    }

    /** An attempt that begins. */
    public LoginAttempt begin() {
        return LoginAttempt.begin(random);
    }

    /** Where the browser is sent for it. */
    public URI address(LoginAttempt attempt) {
        return UriBuilder.of(settings.authorization())
                .queryParam("response_type", "code")
                .queryParam("client_id", settings.clientId())
                .queryParam("redirect_uri", settings.callback())
                .queryParam("scope", settings.scope())
                .queryParam("state", attempt.state())
                .queryParam("nonce", attempt.nonce())
                .queryParam("code_challenge", attempt.challenge())
                .queryParam("code_challenge_method", "S256")
                .build();
    }

    /**
     * Who came back.
     *
     * @param attempt of the browser that came back, whose state came with it
     * @param code that came with it
     * @return empty if the provider does not say so, or they may do nothing here
     */
    public Optional<Authentication> finish(LoginAttempt attempt, String code) {
        ProviderTokens known = tokens;
        if (known == null) {
            return Optional.empty();
        }
        try {
            return known.find(idToken(attempt, code))
                    .filter(claims -> claims.getClaim("nonce") instanceof String nonce && attempt.isFor(nonce))
                    .filter(this::isOurs)
                    .map(known::who)
                    .filter(who -> !who.getRoles().isEmpty());
        } catch (IOException e) {
            LOG.warn("The identity provider changed no code: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** A token for several must say that it was made for us. */
    private boolean isOurs(JWTClaimsSet claims) {
        return claims.getClaim("azp") == null
                ? claims.getAudience().size() == 1
                : settings.clientId().equals(claims.getClaim("azp"));
    }

    private String idToken(LoginAttempt attempt, String code) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.token()))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .POST(BodyPublishers.ofString(form(Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        code,
                        "redirect_uri",
                        settings.callback(),
                        "client_id",
                        settings.clientId(),
                        "code_verifier",
                        attempt.verifier()))));
        if (!settings.clientSecret().isEmpty()) {
            request.header("Authorization", "Basic " + credentials());
        }
        try {
            HttpResponse<InputStream> reply = client.send(request.build(), BodyHandlers.ofInputStream());
            try (InputStream body = reply.body()) {
                byte[] bytes = body.readNBytes(REPLY_BYTES_MAX);
                if (reply.statusCode() != 200) {
                    throw new IOException("its answer was " + reply.statusCode());
                }
                return JSON.readTree(bytes).path("id_token").asText();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** RFC 6749, section 2.3.1: both are encoded as in a form first. */
    private String credentials() {
        String both = encoded(settings.clientId()) + ":" + encoded(settings.clientSecret());
        return Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.US_ASCII));
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
