package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.crypto.RandomSource;
import dev.coppice.simulator.operator.AdminClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What all of {@code coppice admin} takes, and how it asks and tells. */
final class AdminOptions {
    private static final int KEY_BYTES = 16;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--aggregator",
            paramLabel = "URI",
            defaultValue = "${env:COPPICE_AGGREGATOR:-http://127.0.0.1:8080}",
            description = "where the aggregator is (default: ${DEFAULT-VALUE}; or COPPICE_AGGREGATOR)")
    private URI aggregator = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:COPPICE_TOKEN_FILE:-coppice-aggregator/operator.token}",
            description = "file that holds the operator's token, or an access token of your identity provider"
                    + " (default: ${DEFAULT-VALUE}; or COPPICE_TOKEN_FILE)")
    private Path tokenFile = Path.of("operator.token");

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Option(names = "--json", description = "print JSON, as the admin API has it")
    private boolean json;

    /** Something that is asked of the aggregator. */
    interface Work {
        JsonNode with(AdminClient admin) throws IOException, InterruptedException;
    }

    /** Tells what there is at a path of the admin API. */
    int look(String path) throws IOException, InterruptedException {
        return tell(admin -> admin.look("/v1/admin/" + path));
    }

    /** Has something changed, and tells what came of it. */
    int change(String path, byte[] body) throws IOException, InterruptedException {
        String key = HexFormat.of().formatHex(RandomSource.secure().bytes(KEY_BYTES));
        return tell(admin -> admin.change("/v1/admin/" + path, body, key));
    }

    private int tell(Work work) throws IOException, InterruptedException {
        if (!Files.isReadable(tokenFile)) {
            throw new ParameterException(
                    spec.commandLine(), "no token in " + tokenFile + ": --token-file says where it is");
        }
        try (HttpClient client = trust.clients().build()) {
            AdminClient admin = new AdminClient(
                    client, aggregator, Files.readString(tokenFile).trim());
            JsonNode reply = work.with(admin);
            PrintWriter out = spec.commandLine().getOut();
            out.print(json ? reply + System.lineSeparator() : JsonText.of(reply));
            out.flush();
            return 0;
        }
    }

    /** The bytes of a file, or of the standard input where it is {@code -}; of no change if there is no file. */
    static byte[] content(@Nullable Path file) throws IOException {
        if (file == null) {
            return new byte[] {'{', '}'};
        }
        InputStream in = System.in;
        return file.equals(Path.of("-")) ? in.readAllBytes() : Files.readAllBytes(file);
    }
}
