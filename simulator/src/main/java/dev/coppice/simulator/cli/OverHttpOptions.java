package dev.coppice.simulator.cli;

import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.simulator.Progress;
import dev.coppice.simulator.online.OnlineReport;
import dev.coppice.simulator.online.OnlineRun;
import dev.coppice.simulator.online.OnlineSettings;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A fleet against an aggregator that runs elsewhere. */
final class OverHttpOptions {
    private static final Duration REPLY_MAX = Duration.ofSeconds(60);

    @Option(
            names = "--over-http",
            required = true,
            paramLabel = "URL",
            description = "plays the fleet against the aggregator that runs there, in real time")
    private URI aggregator = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:COPPICE_TOKEN_FILE:-coppice-aggregator/operator.token}",
            description = "file that holds the operator's token (default: ${DEFAULT-VALUE}; or COPPICE_TOKEN_FILE)")
    private Path tokenFile = Path.of("operator.token");

    @ArgGroup(exclusive = false)
    private TrustOptions trust = new TrustOptions();

    @Option(
            names = "--task-id",
            paramLabel = "ID",
            description =
                    "joins a task that was posted from the same scenario (default: posts it, and cancels it in the end)")
    private @Nullable String taskId;

    @Option(
            names = "--arrive",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "within which the devices of a round come (default: ${DEFAULT-VALUE})")
    private int arriveSeconds;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "for which the aggregator may be away before the run is given up (default: ${DEFAULT-VALUE})")
    private int patienceSeconds;

    @Option(names = "--keep-devices", description = "leaves the devices enrolled in the end")
    private boolean keepsDevices;

    /** Plays a scenario. */
    OnlineReport play(Scenario scenario, long seed, int workers, Path out, InstantSource clock, Progress progress)
            throws IOException, InterruptedException, ScenarioRefusedException {
        if (!Files.isReadable(tokenFile)) {
            throw new IllegalArgumentException("no token in " + tokenFile + ": --token-file says where it is");
        }
        OnlineSettings settings = new OnlineSettings(
                seed,
                Optional.ofNullable(taskId),
                Duration.ofSeconds(arriveSeconds),
                Duration.ofSeconds(patienceSeconds),
                workers,
                keepsDevices,
                out);
        try (HttpClient client = client();
                HttpTransport network = new HttpTransport(new BoundedHttp(client), aggregator, REPLY_MAX)) {
            AdminClient admin = new AdminClient(
                    client, aggregator, Files.readString(tokenFile).trim());
            try {
                return new OnlineRun(scenario, settings, aggregator, admin, network, clock, progress).run();
            } finally {
                client.shutdownNow(); // an aggregator that is gone answers nothing that is under way
            }
        }
    }

    private HttpClient client() throws IOException {
        return trust.clients()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }
}
