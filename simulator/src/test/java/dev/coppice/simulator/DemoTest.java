package dev.coppice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.report.PrivacyMode;
import dev.coppice.simulator.report.Summary;
import dev.coppice.simulator.report.SummaryFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small runs on real parts: an aggregator and a signer in processes of their own, and real agents. */
class DemoTest {
    private static final int DEVICES = 16;

    private static final long SEED = 11;

    @TempDir
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Summary first;

    @BeforeAll
    static void runOnce() throws Exception {
        first = run("first");
    }

    @Test
    void theSameSeedGivesTheSameLearningResultWhateverTheTiming() throws Exception {
        Summary again = run("again");

        assertThat(again.heldOut()).isEqualTo(first.heldOut());
        assertThat(again.dropouts()).isEqualTo(first.dropouts());
        assertThat(first.dropouts()).as("the drop-outs of this seed").isPositive();
        assertThat(again.epsilon()).isEqualTo(first.epsilon());
    }

    @Test
    void aRunLeavesAllThatIsPromised() throws Exception {
        Summary summary = first;
        Path out = folder.resolve("first");

        assertThat(SummaryFile.read(Files.readString(out.resolve("summary.json"))))
                .isEqualTo(summary);
        assertThat(out.resolve("report.html")).content(StandardCharsets.UTF_8).contains("Privacy is simulated");
        assertThat(out.resolve("pack/adapter_model.safetensors")).isNotEmptyFile();
        assertThat(out.resolve("pack/adapter.onnx_adapter")).isNotEmptyFile();
        assertThat(out.resolve("pack/provenance.dsse.json")).isNotEmptyFile();
        assertThat(summary.privacy()).isEqualTo(PrivacyMode.SIMULATED);
        assertThat(summary.devices()).isEqualTo(DEVICES);
        assertThat(summary.rounds() + summary.roundsAborted()).isEqualTo(2);
        assertThat(summary.epsilon()).isPositive().isLessThanOrEqualTo(8);
        assertThat(summary.installs().installed() + summary.installs().rolledBack())
                .isEqualTo(DEVICES);
        assertThat(summary.heldOut().personal().loss())
                .isLessThan(summary.heldOut().base().loss());
        assertThat(summary.heldOut().base().accuracy())
                .isGreaterThan(summary.heldOut().majority().accuracy());
    }

    @Test
    void whatPeopleSaidIsInNoFileOfTheAggregator() throws Exception {
        List<String> said = Population.generated(SEED, DEVICES).people().stream()
                .flatMap(person -> person.train().stream())
                .map(Example::text)
                .filter(text -> text.length() > 20)
                .toList();
        assertThat(said).hasSizeGreaterThan(100);
        try (var files = Files.walk(folder.resolve("first/aggregator"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(said.toArray(String[]::new));
            }
        }
    }

    @Test
    void unusableDataIsRefusedInOneSentenceThatNamesFileAndLine() throws Exception {
        Path data = Files.writeString(folder.resolve("texts.jsonl"), "{\"text\": \"good\"}\n{\"text\": \n");

        assertThatThrownBy(
                        () -> new Demo(settings("bad", Optional.empty(), Optional.of(data)), clock(), Progress.silent())
                                .run())
                .isInstanceOf(DemoRefusedException.class)
                .hasMessageContaining("texts.jsonl")
                .hasMessageContaining("2");
    }

    @Test
    void dataThatIsNotThereIsRefused() {
        Path data = folder.resolve("nowhere.jsonl");

        assertThatThrownBy(
                        () -> new Demo(settings("bad", Optional.empty(), Optional.of(data)), clock(), Progress.silent())
                                .run())
                .isInstanceOf(DemoRefusedException.class)
                .hasMessageContaining("nowhere.jsonl");
    }

    @Test
    void aBaseModelThatIsNotThereIsRefusedInOneSentence() {
        Path model = folder.resolve("no-model");

        assertThatThrownBy(() -> new Demo(
                                settings("worse", Optional.of(model), Optional.empty()), clock(), Progress.silent())
                        .run())
                .isInstanceOf(DemoRefusedException.class)
                .hasMessageContaining("no-model");
    }

    private static Summary run(String name) throws Exception {
        return new Demo(settings(name, Optional.empty(), Optional.empty()), clock(), Progress.silent()).run();
    }

    private static DemoSettings settings(String name, Optional<Path> model, Optional<Path> data) {
        return new DemoSettings(
                DEVICES,
                2,
                model,
                data,
                Optional.empty(),
                0.1,
                OptionalDouble.of(8),
                OptionalDouble.empty(),
                DemoSettings.MERGE_RULE,
                OptionalLong.of(SEED),
                folder.resolve(name));
    }

    private static InstantSource clock() {
        return InstantSource.system();
    }
}
