package dev.coppice.aggregator.store.kafka;

import dev.coppice.testkit.Broker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import kafka.Kafka;

/** A broker in a JVM of its own, to be killed and started again on the same folder and ports. */
public final class BrokerProcess implements AutoCloseable {
    private final Path folder;
    private final int port;
    private Process process;

    /**
     * Starts one.
     *
     * @param advertised by each port that it listens on, the port that who connects there is told to use
     */
    public BrokerProcess(Path folder, Map<Integer, Integer> advertised) throws IOException, InterruptedException {
        this.folder = folder;
        this.port = advertised.keySet().iterator().next();
        Properties settings = Broker.settings(folder, Broker.freePort(), advertised);
        Broker.format(folder, settings);
        this.process = launch();
        awaitPort();
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Kafka.class.getName(),
                        folder.resolve("server.properties").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("broker.log").toFile()))
                .start();
    }

    /** {@code kill -9}. */
    public synchronized void kill() throws IOException, InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IOException("the broker cannot be killed");
        }
    }

    /** Starts it again after a kill. */
    public synchronized void restart() throws IOException, InterruptedException {
        process = launch();
        awaitPort();
    }

    private void awaitPort() throws IOException, InterruptedException {
        for (int i = 0; i < 1_200 && process.isAlive(); i++) {
            if (answers()) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IOException("the broker did not start:\n" + Files.readString(folder.resolve("broker.log")));
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public synchronized void close() {
        process.destroyForcibly();
    }
}
