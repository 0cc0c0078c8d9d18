package dev.coppice.simulator.cli;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.simulator.operator.AdminClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the aggregator is, and what opens its admin API. */
final class AggregatorOptions {
    private static final Duration REPLY_MAX = Duration.ofSeconds(60);

    @Option(names = "--aggregator", required = true, paramLabel = "URI", description = "where the aggregator is")
    private URI aggregator = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token-file",
            required = true,
            paramLabel = "FILE",
            description = "file that holds the operator's token")
    private Path tokenFile = Path.of("operator.token");

    @Mixin
    private TrustOptions trust = new TrustOptions();

    /** The way that devices take. */
    @MustBeClosed
    HttpTransport transport() throws IOException {
        Optional<SSLContext> context = trust.context();
        return context.isEmpty()
                ? new HttpTransport(aggregator, REPLY_MAX)
                : new HttpTransport(new BoundedHttp(context.get()), aggregator, REPLY_MAX);
    }

    /** The way that operators take. */
    HttpClient client() throws IOException {
        return trust.clients().build();
    }

    /** @param client stays the caller's */
    AdminClient admin(HttpClient client) throws IOException {
        return new AdminClient(client, aggregator, Files.readString(tokenFile).trim());
    }
}
