package dev.coppice.aggregator;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;

/**
 * Where the state is. The password comes from the environment ({@code COPPICE_DATABASE_PASSWORD}), never from a command
 * line, which everybody on the machine can read.
 *
 * @param url {@code jdbc:postgresql://host:port/name}; empty for the embedded database
 */
@ConfigurationProperties("coppice.database")
record DatabaseSettings(
        @Bindable(defaultValue = "") String url,
        @Bindable(defaultValue = "coppice") String user,
        @Bindable(defaultValue = "") String password) {
    boolean isEmbedded() {
        return url.isEmpty();
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "DatabaseSettings[url=" + url + ", user=" + user + "]";
    }
}
