package dev.coppice.simulator.cli;

import dev.coppice.agent.upload.PrivateAuthority;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom to believe that an aggregator is the one that its address names. */
final class TrustOptions {
    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "certificates in PEM that vouch for the aggregator (default: those of the platform)")
    private @Nullable Path authority;

    /** Empty for the platform's authorities. */
    Optional<SSLContext> context() throws IOException {
        return authority == null ? Optional.empty() : Optional.of(PrivateAuthority.trust(authority));
    }

    /** Clients that believe them. */
    HttpClient.Builder clients() throws IOException {
        HttpClient.Builder clients = HttpClient.newBuilder();
        context().ifPresent(clients::sslContext);
        return clients;
    }
}
