package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.model.BaseModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelPretrainCommandTest {
    @TempDir
    Path folder;

    @Test
    void theCommandMakesAModelAndACardThatNamesTheCommand() throws Exception {
        Path texts = folder.resolve("texts.jsonl");
        Files.writeString(
                texts,
                "{\"text\":\"lights on\",\"label\":\"on\"}\n{\"text\":\"lights off\",\"label\":\"off\"}\n".repeat(100));
        String[] arguments = {
            "model",
            "pretrain",
            "--text",
            texts.toString(),
            "--steps",
            "5",
            "--out",
            folder.resolve("mine").toString()
        };
        assertThat(Coppice.commandLine().execute(arguments)).isZero();
        assertThat(folder.resolve("mine/README.md"))
                .content()
                .contains("# mine", "./coppice model pretrain --text " + texts, "held-out loss of the label");
        try (BaseModel model = BaseModel.open(folder.resolve("mine"))) {
            assertThat(model.config().labels()).containsExactly("off", "on");
        }
    }

    @Test
    void textsOrMadeUpPeopleMustBeNamedButNotBoth() {
        assertThat(refusal("model", "pretrain", "--out", "x")).contains("--generated", "--text");
        assertThat(refusal("model", "pretrain", "--generated", "--text", "y", "--out", "x"))
                .contains("mutually exclusive");
        assertThat(refusal("model", "pretrain", "--generated", "--steps", "0", "--out", "x"))
                .contains("steps");
    }

    private static String refusal(String... arguments) {
        StringWriter errors = new StringWriter();
        CommandLine commandLine = Coppice.commandLine().setErr(new PrintWriter(errors, true));
        assertThat(commandLine.execute(arguments)).isEqualTo(2);
        return errors.toString();
    }
}
