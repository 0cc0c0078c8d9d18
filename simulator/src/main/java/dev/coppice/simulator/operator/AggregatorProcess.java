package dev.coppice.simulator.operator;

import dev.coppice.simulator.world.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An aggregator in a JVM of its own that ends with us. */
public final class AggregatorProcess implements AutoCloseable {
    private static final Duration START_MAX =
            Duration.ofMinutes(3); // of a busy machine; one that ends is noticed at once
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final List<String> JVM_FLAGS =
            List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private final ChildProcess child;
    private final Path home;
    private final URI address;

    private AggregatorProcess(ChildProcess child, Path home, URI address) {
        this.child = child;
        this.home = home;
        this.address = address;
    }

    /**
     * Starts one on a free port of this machine and waits until it answers.
     *
     * @param home folder for its database, blobs and keys
     * @throws IOException when it does not come up, with the end of its log
     */
    public static AggregatorProcess start(Path home, Path log) throws IOException, InterruptedException {
        return start(home, log, List.of());
    }

    /**
     * The same with more said on its command line.
     *
     * @param options of {@code coppice aggregator}; with a certificate, its address is one of TLS
     */
    public static AggregatorProcess start(Path home, Path log, List<String> options)
            throws IOException, InterruptedException {
        Files.createDirectories(home);
        Path portFile = home.resolve("port");
        Files.deleteIfExists(portFile);
        List<String> arguments = new ArrayList<>(List.of("--home", home.toString(), "--port", "0"));
        arguments.addAll(options);
        String scheme = options.contains("--tls-certificate") ? "https" : "http";
        ChildProcess child =
                ChildProcess.start("aggregator", log, JVM_FLAGS, "dev.coppice.aggregator.Application", arguments);
        try {
            for (long waited = 0; waited < START_MAX.toMillis(); waited += LOOK_EVERY.toMillis()) {
                child.mustBeAlive();
                if (Files.exists(portFile) && Files.exists(home.resolve("operator.token"))) {
                    int port = Integer.parseInt(Files.readString(portFile).trim());
                    return new AggregatorProcess(child, home, URI.create(scheme + "://127.0.0.1:" + port));
                }
                Thread.sleep(LOOK_EVERY);
            }
            throw new IOException(
                    "the aggregator was not ready after " + START_MAX.toSeconds() + " s; its log is " + log);
        } catch (IOException | InterruptedException | RuntimeException e) {
            child.close();
            throw e;
        }
    }

    public URI address() {
        return address;
    }

    /** File that holds the operator's token, readable by its owner alone. */
    public Path tokenFile() {
        return home.resolve("operator.token");
    }

    public AdminClient admin(HttpClient client) throws IOException {
        return new AdminClient(client, address, Files.readString(tokenFile()).trim());
    }

    public long pid() {
        return child.pid();
    }

    /** Fails when it has ended, with the end of its log. */
    public void mustBeAlive() throws IOException {
        child.mustBeAlive();
    }

    @Override
    public void close() {
        child.close();
    }
}
