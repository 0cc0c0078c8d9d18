package dev.coppice.aggregator;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.Micronaut;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs an aggregator until it is told to stop (Ctrl-C, SIGTERM). */
public final class Application {
    private static final String HELP = """
            Usage: coppice aggregator [--home DIR] [--port N] [--host ADDRESS]
                                      [--tls-certificate FILE --tls-key FILE]
                                      [--database URL --secrets DIR --blobs PLACE] [--kafka BOOTSTRAP]
                                      [--log-format text|json] [--log-level LEVEL] [--traces URL]
                   coppice aggregator backup|restore --file FILE [the same options]
            Runs the aggregator: HTTP for devices and operators, an embedded database, nothing to set up.
            With a database of its own, any number of processes are replicas of one aggregator.

              --home DIR      folder of all its state (default: coppice-aggregator)
              --port N        port to listen on; 0 takes a free one (default: 8080)
              --host ADDRESS  address to listen on (default: 127.0.0.1)
              --tls-certificate FILE  certificate and its chain in PEM: TLS 1.3, HTTP/1.1 and HTTP/2
              --tls-key FILE  its key, PKCS #8 in PEM; both are read again when they change
              --database URL  a PostgreSQL database, jdbc:postgresql://host:port/name, in place of the embedded one;
                              its user and password are read from the environment: COPPICE_DATABASE_USER and
                              COPPICE_DATABASE_PASSWORD
              --secrets DIR   folder of the keys and of operator.token, which replicas share (default: that of --home)
              --blobs PLACE   folder of adapters and pack files, which replicas share (default: blobs in --home), or
                              s3://bucket/prefix with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, and
                              COPPICE_S3_ENDPOINT and COPPICE_S3_REGION for a server other than Amazon's
              --kafka SERVERS Kafka brokers, host:port,...: masked inputs go through them and are summed up as they come, by
                              all replicas. COPPICE_KAFKA_CONFIG names a properties file for TLS and passwords
              --log-format F  text, or json: one object a line, with the ids of requests and rounds (default: text)
              --log-level L   error, warn, info or debug (default: info)
              --traces URL    sends a trace of each round by OTLP over HTTP, http://host:4318/v1/traces (default: none)
              --help          shows this

            backup writes the tables, keys and blobs into one file that only you can read: it holds the aggregator's keys.
            The embedded database is backed up while its aggregator does not run, PostgreSQL also while it does. restore
            reads it into a fresh home, either database; rounds that were open are abandoned.

            DIR/port holds the port once requests are answered, DIR/operator.token the operator's token.

            Examples:
              coppice aggregator --home ./aggregator --port 8080
              curl localhost:8080/health
              coppice aggregator --home ./aggregator --host 0.0.0.0 --port 8443 \\
                  --tls-certificate chain.pem --tls-key key.pem
              coppice aggregator backup --home ./aggregator --file ./monday.zip
              coppice aggregator restore --home ./fresh --file ./monday.zip
              coppice aggregator --home ./a --port 8081 --database jdbc:postgresql://db/coppice \\
                  --secrets /etc/coppice --blobs /mnt/coppice --kafka kafka:9092
            """;

    private static final Set<String> COMMANDS = Set.of(BackupCommand.BACKUP, BackupCommand.RESTORE);
    private static final String FILE = "file";

    private Application() {}

    /** What {@code --help} shows. */
    public static String help() {
        return HELP;
    }

    /** Starts, and returns once requests are answered; the server's threads keep the process alive. */
    @SuppressWarnings("SystemOut") // a command line's own words
    public static void main(String[] args) {
        Map<String, Object> properties;
        String command = args.length > 0 && COMMANDS.contains(args[0]) ? args[0] : "";
        try {
            properties = properties(command.isEmpty() ? args : Arrays.copyOfRange(args, 1, args.length));
            if (!command.isEmpty() && !properties.isEmpty() && !properties.containsKey(FILE)) {
                throw new IllegalArgumentException(command + " needs --file FILE");
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "; --help shows how");
            System.exit(2);
            return;
        }
        if (properties.isEmpty()) {
            System.out.print(HELP);
            return;
        }
        try {
            if (!command.isEmpty()) {
                Path file = Path.of(String.valueOf(properties.get(FILE)));
                System.out.println(BackupCommand.run(command, file, properties));
                return;
            }
            start(properties, Home.claim(Path.of(String.valueOf(properties.get("coppice.home")))));
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /** The context keeps the claim for as long as the process lives. */
    private static void start(Map<String, Object> properties, FileLock claim) throws IOException {
        ApplicationContext context = Micronaut.build(new String[0])
                .banner(false)
                .eagerInitConfiguration(true)
                .eagerInitSingletons(true)
                .properties(properties)
                .singletons(claim)
                .start();
        context.getBean(Home.class).ready(context.getBean(EmbeddedServer.class).getPort());
    }

    /** What the command line says; empty if it asks for help. */
    private static Map<String, Object> properties(String[] args) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("coppice.home", "coppice-aggregator");
        properties.put("micronaut.server.port", 8080);
        properties.put("micronaut.server.host", "127.0.0.1");
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help", "-h" -> {
                    return Map.of();
                }
                case "--home" -> properties.put("coppice.home", value(args, ++i));
                case "--database" -> properties.put("coppice.database.url", value(args, ++i));
                case "--secrets" -> properties.put("coppice.secrets", value(args, ++i));
                case "--blobs" -> properties.put("coppice.blobs", value(args, ++i));
                case "--kafka" -> properties.put("coppice.kafka.bootstrap", value(args, ++i));
                case "--file" -> properties.put(FILE, value(args, ++i));
                case "--host" -> properties.put("micronaut.server.host", value(args, ++i));
                case "--tls-certificate" -> properties.put("coppice.tls.certificate", value(args, ++i));
                case "--tls-key" -> properties.put("coppice.tls.key", value(args, ++i));
                case "--log-format" -> set("coppice.log.format", oneOf(args, ++i, "text", "json"));
                case "--log-level" -> set("coppice.log.level", oneOf(args, ++i, "error", "warn", "info", "debug"));
                case "--traces" -> properties.put("coppice.otlp.endpoint", value(args, ++i));
                case "--port" -> properties.put("micronaut.server.port", port(value(args, ++i)));
                default -> throw new IllegalArgumentException("Unknown option " + args[i]);
            }
        }
        addTls(properties);
        return properties;
    }

    private static void addTls(Map<String, Object> properties) {
        boolean isTls = properties.containsKey("coppice.tls.certificate");
        if (isTls != properties.containsKey("coppice.tls.key")) {
            throw new IllegalArgumentException("--tls-certificate and --tls-key go together");
        }
        if (isTls) {
            properties.put("micronaut.server.ssl.enabled", true);
            properties.put("micronaut.server.ssl.key-name", "files");
            properties.put("micronaut.server.ssl.protocols", "TLSv1.3");
            properties.put("micronaut.server.ssl.port", properties.get("micronaut.server.port"));
            properties.put("micronaut.server.http-version", "2.0");
        }
    }

    /** The logger reads these before anything else is there. */
    private static void set(String property, String value) {
        System.setProperty(property, value);
    }

    private static String oneOf(String[] args, int index, String... allowed) {
        String value = value(args, index);
        if (!List.of(allowed).contains(value)) {
            throw new IllegalArgumentException(args[index - 1] + " is one of " + String.join(", ", allowed));
        }
        return value;
    }

    private static String value(String[] args, int index) {
        if (index >= args.length) {
            throw new IllegalArgumentException(args[index - 1] + " needs a value");
        }
        return args[index];
    }

    /** Micronaut takes -1 for any free port, which everybody else calls 0. */
    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port == 0 ? -1 : port;
            }
        } catch (NumberFormatException e) {
            // as if out of range
        }
        throw new IllegalArgumentException("--port is 0 to 65535");
    }
}
