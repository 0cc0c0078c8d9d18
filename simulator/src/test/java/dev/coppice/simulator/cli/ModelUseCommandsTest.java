package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.testkit.ProjectFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code model generate}, {@code model eval} and {@code model export} with the model that is shipped. */
class ModelUseCommandsTest {
    private static final Path PICO = ProjectFiles.root().resolve("models/pico");
    private static final Path NO_ADAPTER = ProjectFiles.root().resolve("docs");

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aTextIsGoneOnWithAndEqualSeedsGiveEqualTexts() {
        String first = generated(7);
        assertThat(generated(7)).isEqualTo(first);
        assertThat(generated(8)).isNotEqualTo(first);
        assertThat(err.toString()).contains(" tokens, ", "tokens of prompt");
    }

    @Test
    void asJsonItSaysHowTheTextEnded() throws Exception {
        assertThat(run("generate", "--prompt", "turn the lights", "--max-tokens", "2", "--json"))
                .isZero();
        JsonNode answer = new ObjectMapper().readTree(out.toString());
        assertThat(answer.path("tokens").asInt()).isEqualTo(2);
        assertThat(answer.path("ending").asText()).isEqualTo("TOKENS_MAX");
        assertThat(answer.path("text").asText()).isNotEmpty();
        assertThat(answer.path("promptTokens").asInt()).isPositive();
    }

    @Test
    void labelsAreJudgedWhereTheTextsHaveSome() throws Exception {
        assertThat(run("eval", "--data", texts().toString(), "--json")).isZero();
        JsonNode figures = new ObjectMapper().readTree(out.toString());
        assertThat(figures.path("texts").asInt()).isEqualTo(2);
        assertThat(figures.path("unknownLabels").asInt()).isEqualTo(1);
        assertThat(figures.path("accuracy").asDouble()).isEqualTo(1);
        assertThat(figures.path("loss").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void tokensAreJudgedWhereThatIsAskedFor() throws Exception {
        assertThat(run("eval", "--data", texts().toString(), "--task", "causal-lm", "--json"))
                .isZero();
        JsonNode figures = new ObjectMapper().readTree(out.toString());
        assertThat(figures.path("texts").asInt()).isEqualTo(3);
        assertThat(Math.log(figures.path("perplexity").asDouble()))
                .isCloseTo(figures.path("loss").asDouble(), offset(1e-3));
    }

    @ParameterizedTest
    @CsvSource({
        "generate --prompt x --temperature -1, 2, a temperature is 0 to 100",
        "generate --prompt x --max-tokens 0, 2, at least one token",
        "generate, 2, Missing required option: '--prompt=TEXT'",
        "eval --data nowhere.jsonl, 1, there is no file or folder nowhere.jsonl",
        "eval --data nowhere.jsonl --task poetry, 2, --task is text-classification or causal-lm",
        "export --out somewhere, 2, name an --adapter",
    })
    void whatIsAskedWronglyGetsOneSentence(String command, int code, String sentence) {
        assertThat(run(command.split(" "))).isEqualTo(code);
        assertThat(err.toString()).contains(sentence);
    }

    @Test
    void aFolderThatIsNoAdapterIsRefused() {
        assertThat(run("generate", "--prompt", "x", "--adapter", NO_ADAPTER.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("adapter_config.json");
    }

    private String generated(long seed) {
        out.getBuffer().setLength(0);
        String text = "turn the";
        assertThat(run("generate", "--prompt", text, "--temperature", "2", "--seed", Long.toString(seed)))
                .isZero();
        return out.toString();
    }

    private Path texts() throws Exception {
        return Files.writeString(folder.resolve("texts.jsonl"), """
                {"text":"turn the lights on","label":"lights_on"}
                {"text":"lights off please","label":"lights_off"}
                {"text":"who are you","label":"small_talk"}
                """);
    }

    private int run(String... arguments) {
        CommandLine commandLine = Coppice.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err, true));
        String[] all = new String[arguments.length + 2];
        all[0] = "model";
        all[1] = arguments[0];
        all[2] = PICO.toString();
        System.arraycopy(arguments, 1, all, 3, arguments.length - 1);
        return commandLine.execute(all);
    }
}
