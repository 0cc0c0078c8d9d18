package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.simulator.operator.AggregatorProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The life of a repository's keys, by the commands that their holders use, against a real aggregator. */
@Timeout(300)
class PackCommandsTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path keys = Path.of("keys");
    private Path passphrase = Path.of("passphrase");

    @Test
    void holdersBeginARepositoryAndReplaceOneAnother() throws Exception {
        keys = folder.resolve("keys");
        passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse battery\n");
        List<String> make = new ArrayList<>(List.of("pack", "keys", "--dir", keys.toString()));
        for (String name : List.of("root-1", "root-2", "root-3", "root-4", "root-5", "root-6")) {
            make.addAll(List.of("--holder", name));
        }
        for (String name : HolderNames.TARGETS) {
            make.addAll(List.of("--holder", name));
        }
        make.addAll(List.of("--passphrase-file", passphrase.toString()));
        run(0, make);
        run(1, make); // keys are never written over
        try (AggregatorProcess aggregator =
                AggregatorProcess.start(folder.resolve("aggregator"), folder.resolve("aggregator.log"))) {
            List<String> at = List.of(
                    "--dir",
                    keys.toString(),
                    "--aggregator",
                    aggregator.address().toString(),
                    "--token-file",
                    aggregator.tokenFile().toString());
            run(1, at, "pack", "publish", "--begin", by("root-1", "root-2", "release", "security"));
            assertThat(err.toString()).contains("not signed by enough keys of the role root");
            run(0, at, "pack", "publish", "--begin", by("root-1", "root-2", "root-3", "release", "security"));
            assertThat(keys.resolve("root.json")).isNotEmptyFile();

            String old = keys.resolve("root-2.pub.json").toString();
            String fresh = keys.resolve("root-6.pub.json").toString();
            run(0, at, "pack", "rotate", "--old", old, "--new", fresh, by("root-1", "root-3"));
            String draft = keys.resolve("root.draft.json").toString();
            assertThat(out.toString()).contains("more signatures are needed");
            run(1, at, "pack", "publish", "--metadata", draft, List.of());
            run(0, List.of(), "pack", "sign", draft, by("root-5"));
            run(0, at, "pack", "publish", "--metadata", draft, List.of());
            assertThat(out.toString()).contains("root 2 is published");
            run(1, at, "pack", "rotate", "--old", old, "--new", fresh, by("root-1", "root-3", "root-5"));
            assertThat(err.toString()).contains("no role has the key");
            run(1, at, "pack", "revoke", "--skill", "lights", "--pack-version", "1", by("release", "security"));
            assertThat(err.toString()).contains("there is no version 1 of lights");

            run(0, at, "pack", "renew", "--targets", by("release", "evaluation"));
            run(0, at, "pack", "renew", "--root", "--although-expired", by("root-3", "root-4", "root-6"));
            assertThat(out.toString()).contains("the targets are published").contains("root 3 is published");
            run(0, at, "pack", "renew", "--root", by("root-2", "root-3", "root-4"));
            assertThat(out.toString().strip()).as("root-2 was replaced").endsWith("--metadata " + draft);
            run(2, at, "pack", "renew", by("root-3"));
        }
        try (var files = Files.walk(folder.resolve("aggregator"))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.endsWith(".pem"));
        }
    }

    private List<String> by(String... names) {
        List<String> options = new ArrayList<>(List.of("--passphrase-file", passphrase.toString()));
        for (String name : names) {
            options.addAll(List.of("--key", keys.resolve(name + ".pem").toString()));
        }
        return options;
    }

    /** The last argument is a list of options. */
    private void run(int expected, List<String> at, Object... words) {
        List<String> args = new ArrayList<>();
        for (Object word : words) {
            if (word instanceof List<?> options) {
                options.forEach(option -> args.add(String.valueOf(option)));
            } else {
                args.add(String.valueOf(word));
            }
        }
        args.addAll(at);
        run(expected, args);
    }

    private void run(int expected, List<String> args) {
        CommandLine commandLine = Coppice.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        assertThat(commandLine.execute(args.toArray(String[]::new)))
                .as("%s: %s", args, err)
                .isEqualTo(expected);
    }
}
