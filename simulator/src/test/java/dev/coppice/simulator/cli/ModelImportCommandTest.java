package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.testkit.TestData;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelImportCommandTest {
    @TempDir
    Path folder;

    @Test
    void aRealModelIsImportedByOneCommand() throws Exception {
        Path stories = TestData.find("models/stories260K");
        Path out = folder.resolve("stories");
        Told told = run(
                "--weights",
                stories.resolve("derived/hf").toString(),
                "--tokenizer",
                stories.resolve("tok512.bin").toString(),
                "--out",
                out.toString(),
                "--json");
        assertThat(told.status()).isZero();
        JsonNode answer = new ObjectMapper().readTree(told.out());
        assertThat(answer.path("parameters").asInt()).isEqualTo(260_032);
        try (BaseModel model = BaseModel.open(out)) {
            assertThat(answer.path("sha256").asText()).isEqualTo(model.sha256());
        }
    }

    @Test
    void aFolderWithoutAModelIsRefusedInOneSentence() {
        Told told = run(
                "--weights", folder.toString(), "--out", folder.resolve("out").toString());
        assertThat(told.status()).isEqualTo(1);
        assertThat(told.err())
                .startsWith("coppice: there is no config.json in ")
                .hasLineCount(1);
        assertThat(run("--weights", folder.toString()).status()).isEqualTo(2);
    }

    private record Told(int status, String out, String err) {}

    private static Told run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = new CommandLine(new ModelImportCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Told(status, out.toString(), err.toString());
    }
}
