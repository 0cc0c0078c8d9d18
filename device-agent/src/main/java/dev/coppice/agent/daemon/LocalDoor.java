package dev.coppice.agent.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.Agent;
import dev.coppice.agent.Report;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.codehaus.mojo.animal_sniffer.IgnoreJRERequirement;

/**
 * Commands and metrics over HTTP on the loopback address, for the time that a home is open. {@code GET /metrics} (the
 * Prometheus text format, without anything of the user's) is for everybody on the machine; {@code POST /v1/NAME} with JSON
 * does a {@link Commands command} for who can read the file {@code door} in the home, which holds address and token.
 */
@IgnoreJRERequirement
public final class LocalDoor implements AutoCloseable {
    /** The file that says where the door is, and what opens it: two lines. */
    public static final String FILE = "door";

    private static final int BODY_BYTES_MAX = 1 << 24;
    private static final int TOKEN_BYTES = 32;
    private static final int THREADS = 4;

    private final Path file;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Agent agent;
    private final Commands commands;
    private final Outcomes outcomes;
    private final byte[] token;

    private LocalDoor(Path file, HttpServer server, Agent agent, Commands commands, Outcomes outcomes, String token) {
        this.file = file;
        this.server = server;
        this.threads = Executors.newFixedThreadPool(THREADS);
        this.agent = agent;
        this.commands = commands;
        this.outcomes = outcomes;
        this.token = token.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Opens the door of a home.
     *
     * @param port to listen on; 0 takes a free one
     * @param agent that has the home open; stays the caller's
     * @throws IOException if the port is in use, or the home cannot be written
     */
    @MustBeClosed
    @SuppressWarnings("AddressSelection") // an address, no name
    public static LocalDoor open(Path home, int port, Agent agent, Outcomes outcomes, RandomSource random)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
        String token = HexFormat.of().formatHex(random.bytes(TOKEN_BYTES));
        Path file = home.resolve(FILE);
        LocalDoor door = new LocalDoor(file, server, agent, new Commands(agent, outcomes), outcomes, token);
        server.setExecutor(door.threads);
        server.createContext("/metrics", door::metrics);
        server.createContext("/v1/", door::command);
        server.start();
        writePrivately(file, "http://127.0.0.1:" + server.getAddress().getPort() + "\n" + token + "\n");
        return door;
    }

    /** Port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Lets nobody in any more, and waits a little for who is. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        server.stop(1);
        threads.shutdownNow();
        try {
            threads.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void metrics(HttpExchange exchange) throws IOException {
        Report report = agent.report();
        String text = outcomes.toMetrics()
                + gauge("examples", report.examples())
                + gauge("pack_version", report.packVersion())
                + gauge("epsilon_in_period", report.privacy().together().epsilonInPeriod())
                + gauge("epsilon_ever", report.privacy().together().epsilonEver())
                + gauge("rounds_ever", report.privacy().together().ever().participations())
                + gauge("work_seconds_today", agent.usedToday().work().toSeconds())
                + gauge("bytes_today", agent.usedToday().bytes());
        reply(exchange, 200, "text/plain; version=0.0.4", text);
    }

    private static String gauge(String name, Number value) {
        return "# TYPE coppice_agent_" + name + " gauge\ncoppice_agent_" + name + " " + value + "\n";
    }

    private void command(HttpExchange exchange) throws IOException {
        if (!isAllowed(exchange)) {
            reply(exchange, 401, "the token in the home's file " + FILE + " is wanted");
            return;
        }
        if (!exchange.getRequestMethod().equals("POST")) {
            reply(exchange, 405, "commands are POSTs");
            return;
        }
        try (InputStream in = exchange.getRequestBody()) {
            byte[] body = in.readNBytes(BODY_BYTES_MAX + 1);
            if (body.length > BODY_BYTES_MAX) {
                reply(exchange, 413, "more than " + BODY_BYTES_MAX + " bytes");
                return;
            }
            JsonNode asked =
                    new ObjectMapper().readTree(body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body);
            String name = exchange.getRequestURI().getPath().substring("/v1/".length());
            reply(
                    exchange,
                    200,
                    "application/json",
                    commands.answer(name, asked).toString());
        } catch (JsonProcessingException e) {
            reply(exchange, 400, "that is not JSON");
        } catch (IllegalArgumentException e) {
            reply(exchange, 400, String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            reply(exchange, 409, String.valueOf(e.getMessage()));
        } catch (IOException | EngineException e) {
            reply(exchange, 500, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reply(exchange, 503, "the agent is ending");
        }
    }

    /** A web page that the user has open can send requests here, but neither read the token nor set this header. */
    private boolean isAllowed(HttpExchange exchange) {
        List<String> offered = exchange.getRequestHeaders().get("Authorization");
        return offered != null
                && offered.size() == 1
                && offered.get(0).startsWith("Bearer ")
                && MessageDigest.isEqual(
                        offered.get(0).substring("Bearer ".length()).getBytes(StandardCharsets.US_ASCII), token);
    }

    private static void reply(HttpExchange exchange, int status, String why) throws IOException {
        ObjectNode json = new ObjectMapper().createObjectNode().put("error", why);
        reply(exchange, status, "application/json", json.toString());
    }

    private static void reply(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static void writePrivately(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(fresh);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(fresh, text.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
