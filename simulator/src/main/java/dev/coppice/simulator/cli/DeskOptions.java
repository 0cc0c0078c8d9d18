package dev.coppice.simulator.cli;

import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.Desk;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the aggregator is and where the holder works. */
final class DeskOptions {
    @Mixin
    private AggregatorOptions aggregator = new AggregatorOptions();

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
        try (HttpClient client = aggregator.client();
                HttpTransport transport = aggregator.transport()) {
            AdminClient admin = aggregator.admin(client);
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
