package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.testkit.ProjectFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ModelQuantizeCommandTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"8, 0.6, 0.02", "4, 0.5, 0.3"})
    void aModelBecomesSmallAndItsLossHardlyChanges(String bits, double shareMax, double changeMax) throws Exception {
        String out = folder.resolve("small").toString();
        StringWriter printed = new StringWriter();
        CommandLine commandLine = Coppice.commandLine().setOut(new PrintWriter(printed, true));
        assertThat(commandLine.execute("model", "quantize", pico(), "--bits", bits, "--out", out, "--json"))
                .isZero();
        JsonNode answer = new ObjectMapper().readTree(printed.toString());
        assertThat(answer.get("share").asDouble()).isLessThan(shareMax);
        assertThat(Math.abs(answer.get("lossChange").asDouble())).isLessThan(changeMax);
        try (BaseModel model = BaseModel.open(folder.resolve("small"))) {
            assertThat(model.config().name()).isEqualTo("pico-int" + bits);
        }
    }

    @Test
    void whatCannotBeDoneIsSaidInOneSentence() {
        String out = folder.resolve("small").toString();
        assertThat(errors(2, "model", "quantize", pico(), "--bits", "3", "--out", out))
                .contains("weights become 8 or 4 bits, not 3");
        assertThat(errors(1, "model", "quantize", pico(), "--bits", "8", "--out", pico()))
                .contains("a folder of its own");
        assertThat(errors(1, "model", "quantize", folder.toString(), "--bits", "8", "--out", out))
                .contains("coppice-model.json");
    }

    private static String pico() {
        return ProjectFiles.root().resolve("models/pico").toString();
    }

    private static String errors(int code, String... arguments) {
        StringWriter errors = new StringWriter();
        CommandLine commandLine = Coppice.commandLine().setErr(new PrintWriter(errors, true));
        assertThat(commandLine.execute(arguments)).isEqualTo(code);
        return errors.toString();
    }
}
