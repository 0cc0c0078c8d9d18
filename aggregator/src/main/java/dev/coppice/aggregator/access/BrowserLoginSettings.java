package dev.coppice.aggregator.access;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;

/**
 * That people log in at the console by their identity provider's own page (OpenID Connect, authorization code with PKCE).
 *
 * @param clientId what we are called there, and whom its ID tokens are for; empty: a token is pasted
 * @param clientSecret goes with it; empty for a public client
 * @param authorization address of the page where people are sent
 * @param token address where we change a code for tokens
 * @param callback address of our own {@code /console/login/callback} as browsers see it, as it is registered there
 * @param scope what is asked for; {@code openid} must be in it
 */
@ConfigurationProperties("coppice.identity-provider.login")
public record BrowserLoginSettings(
        @Bindable(defaultValue = "") String clientId,
        @Bindable(defaultValue = "") String clientSecret,
        @Bindable(defaultValue = "") String authorization,
        @Bindable(defaultValue = "") String token,
        @Bindable(defaultValue = "") String callback,
        @Bindable(defaultValue = "openid") String scope) {
    boolean isThere() {
        return !clientId.isEmpty();
    }

    /** @throws IllegalArgumentException if something is missing */
    void check(IdentityProviderSettings provider) {
        if (isThere() && (authorization.isEmpty() || token.isEmpty() || callback.isEmpty() || !provider.isThere())) {
            throw new IllegalArgumentException("coppice.identity-provider.login.client-id needs .authorization, .token"
                    + " and .callback beside it, and coppice.identity-provider.jwks and .issuer");
        }
    }
}
