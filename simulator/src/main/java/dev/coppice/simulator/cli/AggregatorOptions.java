package dev.coppice.simulator.cli;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.simulator.operator.AdminClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    /** The way that devices take. */
    @MustBeClosed
    HttpTransport transport() {
        return new HttpTransport(aggregator, REPLY_MAX);
    }

    /** @param client stays the caller's */
    AdminClient admin(HttpClient client) throws IOException {
        return new AdminClient(client, aggregator, Files.readString(tokenFile).trim());
    }
}
