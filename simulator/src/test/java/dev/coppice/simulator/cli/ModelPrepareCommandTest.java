package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.testkit.ProjectFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelPrepareCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theKitIsTheOneThatIsPrinted() throws Exception {
        assertThat(run("--json", "--rank", "4", "--batch", "2", "--length", "16"))
                .isZero();
        Kit kit = Kit.open(folder.resolve("kit"));
        assertThat(out.toString())
                .contains("\"sha256\":\"" + kit.sha256() + "\"")
                .contains("\"parameters\":" + kit.layout().count() + ",");
        assertThat(kit.spec().lora().rank()).isEqualTo(4);
    }

    @Test
    void aTargetThatTheModelLacksIsNamedAndNothingIsWritten() {
        assertThat(run("--targets", "query_key_value")).isEqualTo(1);
        assertThat(err.toString()).contains("query_key_value");
        assertThat(Files.exists(folder.resolve("kit"))).isFalse();
    }

    @Test
    void hiddenTokensArePredictedWithRoomForFew() throws Exception {
        assertThat(run("--task", "masked-lm", "--predicted", "9", "--batch", "2", "--length", "16"))
                .isZero();
        KitSpec spec = Kit.open(folder.resolve("kit")).spec();
        assertThat(spec.task()).isEqualTo(Task.MASKED_LM);
        assertThat(spec.predictedMax()).isEqualTo(9);
    }

    @Test
    void whatIsOutOfRangeIsAWrongCommand() {
        assertThat(run("--rank", "0")).isEqualTo(2);
        assertThat(run("--task", "poetry")).isEqualTo(2);
        assertThat(run("--task", "text-classification", "--predicted", "9")).isEqualTo(2);
    }

    private int run(String... options) {
        String model = ProjectFiles.root().resolve("models/pico").toString();
        String[] all = new String[options.length + 3];
        all[0] = model;
        all[1] = "--out";
        all[2] = folder.resolve("kit").toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return new CommandLine(new ModelPrepareCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
