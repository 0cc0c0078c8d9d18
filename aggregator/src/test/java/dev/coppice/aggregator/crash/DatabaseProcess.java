package dev.coppice.aggregator.crash;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A PostgreSQL server on a folder and a port of its own, to be killed and started again. */
final class DatabaseProcess implements AutoCloseable {
    private final Path folder;
    private EmbeddedPostgres server;
    private final int port;

    DatabaseProcess(Path folder) throws IOException, SQLException {
        this.folder = folder;
        this.server = start(0);
        this.port = server.getPort();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database coppice");
        }
    }

    int port() {
        return port;
    }

    private EmbeddedPostgres start(int wanted) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofMinutes(2))
                .setServerConfig("fsync", "off"); // a killed process loses nothing by it, a power cut would
        return (wanted == 0 ? builder : builder.setPort(wanted)).start();
    }

    /** {@code kill -9} of the server and all that it started. */
    void kill() throws IOException, InterruptedException {
        long pid = Long.parseLong(
                Files.readAllLines(folder.resolve("postmaster.pid")).getFirst().strip());
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> all = postmaster.descendants().toList();
        boolean killed = postmaster.destroyForcibly();
        for (ProcessHandle one : all) {
            killed |= one.destroyForcibly();
        }
        while (postmaster.isAlive() || all.stream().anyMatch(ProcessHandle::isAlive)) {
            Thread.sleep(20);
        }
        if (!killed) {
            throw new IOException("the database was not there to be killed");
        }
    }

    void restart() throws IOException {
        server.close(); // of what was killed: gives its claim on the folder back
        server = start(port);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
