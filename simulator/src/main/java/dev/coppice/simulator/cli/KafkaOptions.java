package dev.coppice.simulator.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A cluster through which processes share a fleet. */
final class KafkaOptions {
    @Option(names = "--kafka", paramLabel = "SERVERS", description = "brokers, host:port,...")
    private @Nullable String servers;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "what else the cluster asks of its clients, as Java properties")
    private @Nullable Path config;

    /** What clients are told; empty if there is no cluster. */
    Optional<Properties> read() throws IOException {
        if (servers == null) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        if (config != null) {
            try (Reader reader = Files.newBufferedReader(config)) {
                properties.load(reader);
            }
        }
        properties.setProperty("bootstrap.servers", servers);
        return Optional.of(properties);
    }
}
