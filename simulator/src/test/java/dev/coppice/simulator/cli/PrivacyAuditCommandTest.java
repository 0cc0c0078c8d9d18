package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.privacy.audit.CosineAudit;
import dev.coppice.crypto.privacy.audit.CosineAudit.Sample;
import dev.coppice.crypto.privacy.audit.OneRunAudit;
import dev.coppice.simulator.audit.AuditReport;
import dev.coppice.simulator.audit.AuditSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PrivacyAuditCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpShowsExamplesThatWork() {
        assertThat(run("--help")).isZero();
        List<String> examples = out.toString()
                .lines()
                .filter(line -> line.startsWith("  coppice privacy audit "))
                .map(line ->
                        line.strip().replaceFirst("coppice privacy audit ", "").replaceFirst(" {3}.*", ""))
                .toList();
        assertThat(examples).hasSize(3);
        for (String example : examples) {
            assertThat(run(example.strip().split(" "))).as(example).isZero();
        }
    }

    @Test
    void anAuditIsToldAsJson() throws IOException {
        assertThat(run("--epsilon", "8", "--devices", "20", "--dimension", "512", "--json"))
                .isZero();
        var answer = new ObjectMapper().readTree(out.toString());
        assertThat(answer.get("verdict").asText()).isEqualTo("not refuted");
        assertThat(answer.get("claimedEpsilon").asDouble()).isBetween(7.9, 8.0);
        assertThat(answer.get("canaries").asInt()).isEqualTo(17);
        assertThat(answer.get("epsilonByCosines").asDouble()).isLessThan(8);
        assertThat(answer.get("confidence").asDouble()).isEqualTo(0.999);
    }

    @Test
    void aClaimThatIsRefutedIsToldByTheExitCodeAndInWords() {
        var spread = Sample.of(new double[] {0, 1, 2});
        var settings = new AuditSettings(new PrivacyGoal(1, 1e-8, 1), 1, 40, 512, false, 0.999);
        var report = new AuditReport(
                settings, 1, new OneRunAudit(1000, 1000, 1000), new CosineAudit(spread, spread), 10, 1e-9);
        var line = new CommandLine(new PrivacyAuditCommand()).setOut(new PrintWriter(out, true));
        assertThat(line.<PrivacyAuditCommand>getCommand().tell(report)).isEqualTo(1);
        assertThat(out.toString())
                .contains("refuted: the coins were guessed too well; masked inputs do not look like noise");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--devices 40",
                "--epsilon 0",
                "--epsilon 8 --rounds 3 --participations 2",
                "--epsilon 8 --devices 10",
                "--epsilon 8 --dimension 100",
                "--epsilon 8 --confidence 1",
            })
    void whatMakesNoSenseIsAskedAgain(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isNotBlank();
    }

    @Test
    void anEpsilonThatNoCohortCanKeepIsRefusedInOneSentence() {
        assertThat(run("--epsilon", "1e-6")).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().startsWith("coppice: Round 1 of the audit");
    }

    private int run(String... arguments) {
        return new CommandLine(new PrivacyAuditCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setUsageHelpWidth(120)
                .execute(arguments);
    }
}
