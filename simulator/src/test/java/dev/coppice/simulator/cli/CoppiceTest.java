package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CoppiceTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(strings = {"", "demo", "aggregator", "pack", "pack signer", "privacy", "privacy epsilon", "model"})
    void everyCommandExplainsItselfWithExamples(String command) {
        assertThat(run((command + " --help").trim().split(" "))).isZero();

        assertThat(out.toString()).contains("Usage: coppice", "Examples:", "coppice " + command);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --devices 3        | --devices must lie between 8 and 5000, not 3
                    --rounds 0         | --rounds must lie between 1 and 200, not 0
                    --dropout 0.9      | --dropout is a probability between 0 and 0.3, not 0.9
                    --dropout NaN      | --dropout is a probability between 0 and 0.3, not NaN
                    --epsilon maybe    | --epsilon is a number or off, not 'maybe'
                    --epsilon -1       | --epsilon must lie between 0.05 and 1000, or be off
                    --task poetry      | --task is text-classification or causal-lm, not 'poetry'
                    --devices many     | Invalid value for option '--devices': 'many' is not an int
                    --colour red       | Unknown options: '--colour', 'red'
                    """)
    void whatIsAskedWronglyGetsOneClearSentenceAndExitCodeTwo(String flags, String sentence) {
        int code = run(("demo --out " + folder.resolve("out") + " " + flags).split(" "));

        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines().findFirst().orElse("")).contains(sentence);
        assertThat(err.toString().lines().count()).isEqualTo(2);
        assertThat(folder.resolve("out")).as("nothing was begun").doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"model inspect", "model gradcheck"})
    void aFileThatIsNotThereIsToldInOneSentence(String command) {
        Path nowhere = folder.resolve("nowhere.onnx");

        int code = run((command + " " + nowhere).split(" "));

        assertThat(code).isEqualTo(1);
        assertThat(err.toString().trim()).isEqualTo("coppice: there is no " + nowhere);
    }

    @Test
    void withoutACommandItSaysWhatThereIs() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("for example: coppice demo");
    }

    @Test
    void theSignerRefusesAnAggregatorThatIsNotThere() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "secret");

        int code = run(
                "pack",
                "signer",
                "--aggregator",
                "http://127.0.0.1:1",
                "--token-file",
                token.toString(),
                "--task",
                "t",
                "--skill",
                "s",
                "--kit",
                folder.toString(),
                "--root",
                folder.resolve("key").toString());

        assertThat(code).isEqualTo(1);
    }

    private int run(String... args) {
        CommandLine commandLine = Coppice.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }
}
