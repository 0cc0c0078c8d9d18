package dev.coppice.simulator.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadPeopleTest {
    @TempDir
    Path folder;

    @Test
    void linesWithUsersBecomeTheirUsersExamplesAndNoneIsLost() throws Exception {
        Path file = lines(IntStream.range(0, 30)
                .mapToObj(i -> "{\"text\":\"t%d\",\"user\":\"u%d\",\"label\":\"l%d\"}".formatted(i, i % 3, i % 2)));
        Population population = Population.read(file, Task.TEXT_CLASSIFICATION, 10, 1);
        assertThat(population.labels()).containsExactly("l0", "l1");
        assertThat(population.people()).extracting(Person::id).containsExactlyInAnyOrder("u0", "u1", "u2");
        for (Person person : population.people()) {
            int user = Integer.parseInt(person.id().substring(1));
            assertThat(all(person).map(Example::text))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 30)
                            .filter(i -> i % 3 == user)
                            .mapToObj(i -> "t" + i)
                            .toList());
            assertThat(person.validation()).hasSize(2);
            assertThat(person.test()).hasSize(2);
        }
    }

    @Test
    void theSmallerAlphaTheFewerLabelsHasAPerson() throws Exception {
        Path file = lines(
                IntStream.range(0, 2_000).mapToObj(i -> "{\"text\":\"t%d\",\"label\":\"l%d\"}".formatted(i, i % 10)));
        assertThat(labelsOfAPerson(file, 0.05)).isLessThan(4);
        assertThat(labelsOfAPerson(file, 100)).isGreaterThan(9);
    }

    private static double labelsOfAPerson(Path file, double alpha) throws Exception {
        return Population.read(file, Task.TEXT_CLASSIFICATION, 20, alpha, 5).people().stream()
                .mapToLong(person -> all(person).map(Example::label).distinct().count())
                .average()
                .orElseThrow();
    }

    @Test
    void linesWithoutUsersAreDealtOutUnevenlyAndTheSameForTheSameSeed() throws Exception {
        Path file = lines(
                IntStream.range(0, 2_000).mapToObj(i -> "{\"text\":\"t%d\",\"label\":\"l%d\"}".formatted(i, i % 10)));
        Population population = Population.read(file, Task.TEXT_CLASSIFICATION, 20, 5);
        assertThat(population).isEqualTo(Population.read(file, Task.TEXT_CLASSIFICATION, 20, 5));
        assertThat(population).isNotEqualTo(Population.read(file, Task.TEXT_CLASSIFICATION, 20, 6));
        assertThat(population.people().stream().flatMap(ReadPeopleTest::all).map(Example::text))
                .hasSizeGreaterThan(1_900)
                .doesNotHaveDuplicates();
        long commonest = population.people().stream()
                .mapToLong(person ->
                        all(person)
                                        .collect(Collectors.groupingBy(Example::label, Collectors.counting()))
                                        .values()
                                        .stream()
                                        .mapToLong(Long::longValue)
                                        .max()
                                        .orElse(0)
                                * 100
                                / all(person).count())
                .max()
                .orElse(0);
        assertThat(commonest)
                .as("percent of one label with one person, were it even: 10")
                .isGreaterThan(20);
    }

    @Test
    void aFolderHasOneUserAFile() throws Exception {
        Files.writeString(folder.resolve("anna.txt"), "one\n\ntwo\nthree\nfour\nfive\n");
        Files.writeString(folder.resolve("ben.txt"), "six\nseven\neight\nnine\n");
        Files.writeString(folder.resolve(".hidden"), "a\nb\nc\nd\n");
        Population population = Population.read(folder, Task.CAUSAL_LM, 10, 1);
        assertThat(population.labels()).isEmpty();
        assertThat(population.people()).extracting(Person::id).containsExactly("anna.txt", "ben.txt");
        assertThat(all(population.people().get(0)).map(Example::text))
                .containsExactlyInAnyOrder("one", "two", "three", "four", "five");
    }

    @Test
    void onlyThoseWithTheMostExamplesAreTaken() throws Exception {
        Path file = lines(IntStream.range(0, 60)
                .mapToObj(i -> "{\"text\":\"t%d\",\"user\":\"u%d\"}".formatted(i, (int) Math.sqrt(i))));
        assertThat(Population.read(file, Task.CAUSAL_LM, 2, 1).people())
                .extracting(Person::id)
                .containsExactly("u6", "u5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json|is not JSON",
                "[1]|is not a JSON object",
                "{\"label\":\"a\"}|has no text",
                "{\"text\":\"  \",\"label\":\"a\"}|has no text",
                "{\"text\":\"secret words\"}|has no label",
                "{\"text\":\"secret words\",\"label\":\"a\",\"user\":7}|has a user that is not text",
                "{\"text\":\"secret words\",\"label\":\"a\"} {}|is not JSON"
            })
    void malformedLinesAreReportedWithFileAndNumberButWithoutTheirText(String line, String problem) throws Exception {
        Path file = lines(Stream.of("{\"text\":\"fine\",\"label\":\"a\"}", "", line));
        assertThatThrownBy(() -> Population.read(file, Task.TEXT_CLASSIFICATION, 5, 1))
                .isInstanceOf(PopulationRefusedException.class)
                .hasMessage(file + ":3 " + problem);
    }

    @Test
    void ofManyMalformedLinesTheFirstAreNamedAndTheOthersCounted() throws Exception {
        Path file = lines(Stream.generate(() -> "oops").limit(12));
        assertThatThrownBy(() -> Population.read(file, Task.CAUSAL_LM, 5, 1))
                .hasMessageContaining(":1 ")
                .hasMessageContaining(":5 ")
                .hasMessageNotContaining(":6 ")
                .hasMessageEndingWith("and 7 more lines");
    }

    @Test
    void whatCannotBeUsedGetsOneSentence() throws Exception {
        Path empty = lines(Stream.of("", " "));
        refused(empty, Task.CAUSAL_LM, empty + " holds no texts");
        Path absent = folder.resolve("absent");
        refused(absent, Task.CAUSAL_LM, "there is no file or folder " + absent + " that can be read");
        refused(folder, Task.TEXT_CLASSIFICATION, folder + " is a folder of texts, which have no labels to learn");
        Path one = lines(Stream.generate(() -> "{\"text\":\"t\",\"label\":\"a\",\"user\":\"u\"}")
                .limit(9));
        refused(one, Task.TEXT_CLASSIFICATION, "the input has one label only; there is nothing to tell apart");
        Path few = lines(Stream.of("{\"text\":\"t\",\"user\":\"u\"}"));
        refused(few, Task.CAUSAL_LM, few + " has nobody with at least 4 texts");
        Path mixed = lines(Stream.of("{\"text\":\"t\",\"user\":\"u\"}", "{\"text\":\"t\"}"));
        refused(mixed, Task.CAUSAL_LM, mixed + " names a user in some lines but not in all");
        Path bytes = Files.write(folder.resolve("bytes.jsonl"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        refused(bytes, Task.CAUSAL_LM, bytes + " is not text in UTF-8");
    }

    @Test
    void publishedDataSetsAreRead() throws Exception {
        Population intents =
                Population.read(TestData.find("data/clinc150/train.jsonl"), Task.TEXT_CLASSIFICATION, 200, 1);
        assertThat(intents.labels()).hasSize(150);
        assertThat(intents.people()).hasSizeGreaterThan(190);
        Population speakers = Population.read(TestData.find("data/shakespeare/speech.jsonl"), Task.CAUSAL_LM, 200, 1);
        assertThat(speakers.people()).hasSize(200);
    }

    private void refused(Path data, Task task, String sentence) {
        assertThatThrownBy(() -> Population.read(data, task, 5, 1))
                .isInstanceOf(PopulationRefusedException.class)
                .hasMessage(sentence);
    }

    private Path lines(Stream<String> lines) throws IOException {
        return Files.write(folder.resolve("lines.jsonl"), lines.toList());
    }

    private static Stream<Example> all(Person person) {
        return Stream.of(person.train(), person.validation(), person.test()).flatMap(List::stream);
    }
}
