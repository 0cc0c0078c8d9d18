package dev.coppice.aggregator.access;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;

/**
 * The identity provider (OpenID Connect) whose access tokens open the admin API and the console, beside the operator's token.
 *
 * @param jwks address of its public keys; empty: there is none
 * @param issuer what its tokens say of who issued them
 * @param audience what they say of whom they are for
 * @param rolesClaim where they say what somebody may do: a list of {@link Role} names
 */
@ConfigurationProperties("coppice.identity-provider")
public record IdentityProviderSettings(
        @Bindable(defaultValue = "") String jwks,
        @Bindable(defaultValue = "") String issuer,
        @Bindable(defaultValue = "coppice") String audience,
        @Bindable(defaultValue = "roles") String rolesClaim) {
    boolean isThere() {
        return !jwks.isEmpty();
    }
}
