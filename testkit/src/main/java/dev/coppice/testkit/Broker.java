package dev.coppice.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A real Kafka broker that is its own controller (KRaft), on a folder and ports that it can be started on again. */
public final class Broker implements AutoCloseable {
    private final KafkaRaftServer server;
    private final int port;

    /** Starts one within this process, on free ports. */
    public Broker(Path folder) throws IOException {
        this.port = freePort();
        Properties settings = settings(folder, freePort(), Map.of(port, port));
        format(folder, settings);
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
    }

    /** {@code host:port} of it. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /** What its clients must be told. */
    public Properties client() {
        Properties client = new Properties();
        client.setProperty("bootstrap.servers", bootstrap());
        return client;
    }

    /** A port that nobody listens on. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Settings of one.
     *
     * @param advertised by each port that it listens on, the port that who connects there is told to use
     */
    public static Properties settings(Path folder, int controllerPort, Map<Integer, Integer> advertised) {
        StringBuilder listeners = new StringBuilder("CONTROLLER://127.0.0.1:" + controllerPort);
        StringBuilder told = new StringBuilder();
        StringBuilder protocols = new StringBuilder("CONTROLLER:PLAINTEXT");
        for (Map.Entry<Integer, Integer> port : advertised.entrySet()) {
            String name = "L" + port.getKey();
            listeners.append(",").append(name).append("://127.0.0.1:").append(port.getKey());
            told.append(told.isEmpty() ? "" : ",")
                    .append(name)
                    .append("://127.0.0.1:")
                    .append(port.getValue());
            protocols.append(",").append(name).append(":PLAINTEXT");
        }
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "1",
                "controller.quorum.voters",
                "1@127.0.0.1:" + controllerPort,
                "listeners",
                listeners.toString(),
                "advertised.listeners",
                told.toString(),
                "controller.listener.names",
                "CONTROLLER",
                "inter.broker.listener.name",
                "L" + advertised.keySet().iterator().next(),
                "listener.security.protocol.map",
                protocols.toString(),
                "log.dirs",
                folder.resolve("data").toString()));
        for (String alone : new String[] {
            "offsets.topic.replication.factor",
            "offsets.topic.num.partitions",
            "transaction.state.log.replication.factor",
            "transaction.state.log.min.isr",
            "transaction.state.log.num.partitions",
            "share.coordinator.state.topic.replication.factor",
            "share.coordinator.state.topic.min.isr",
            "share.coordinator.state.topic.num.partitions",
            "default.replication.factor",
            "min.insync.replicas"
        }) {
            settings.setProperty(alone, "1");
        }
        settings.putAll(Map.of(
                "group.initial.rebalance.delay.ms", "0",
                "auto.create.topics.enable", "false",
                "num.network.threads", "2",
                "num.io.threads", "2",
                "background.threads", "2",
                "log.cleaner.dedupe.buffer.size", "2097152",
                "metadata.log.max.record.bytes.between.snapshots", "1048576",
                "metadata.max.idle.interval.ms", "0",
                "broker.session.timeout.ms", "3000",
                "broker.heartbeat.interval.ms", "500"));
        settings.setProperty("group.min.session.timeout.ms", "500"); // for who may not wait long for the dead
        return settings;
    }

    /** Once for each folder. */
    public static void format(Path folder, Properties settings) throws IOException {
        if (Files.exists(folder.resolve("data/meta.properties"))) {
            return;
        }
        Files.createDirectories(folder);
        Path file = folder.resolve("server.properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code = StorageTool.execute(
                new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()},
                new PrintStream(said, true, StandardCharsets.UTF_8));
        if (code != 0) {
            throw new IOException("the broker's folder cannot be made: " + said.toString(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
