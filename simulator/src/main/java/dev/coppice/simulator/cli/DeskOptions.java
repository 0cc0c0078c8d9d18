package dev.coppice.simulator.cli;

import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.Desk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import picocli.CommandLine.Option;

/** Where the aggregator is and where the holder works. */
final class DeskOptions {
    private static final Duration REPLY_MAX = Duration.ofSeconds(60);

    @Option(names = "--aggregator", required = true, paramLabel = "URI", description = "where the aggregator is")
    private URI aggregator = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token-file",
            required = true,
            paramLabel = "FILE",
            description = "file that holds the operator's token")
    private Path tokenFile = Path.of("operator.token");

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "keys",
            description = "folder with root.json, trusted metadata and drafts (default: ${DEFAULT-VALUE})")
    private Path dir = Path.of("keys");

    /** What is done at a desk. */
    interface Work {
        int at(Desk desk, AdminClient admin) throws IOException, InterruptedException, MetadataRefusedException;
    }

    Path dir() {
        return dir;
    }

    /** Does it; an exit code. */
    int work(Work work) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient();
                HttpTransport transport = new HttpTransport(aggregator, REPLY_MAX)) {
            AdminClient admin = new AdminClient(
                    client, aggregator, Files.readString(tokenFile).trim());
            Desk desk = new Desk(
                    dir, admin, RepositoryFiles.repository(new Wire(transport, Pause.real())), InstantSource.system());
            return work.at(desk, admin);
        } catch (MetadataRefusedException e) {
            throw new IOException("the repository cannot be believed: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }
}
