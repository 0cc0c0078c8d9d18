package dev.coppice.simulator.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.text.Example;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratedPeopleTest {
    private static final Pattern SLOT = Pattern.compile("\\{([a-z]+)}");

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void equalSeedsGiveEqualPeopleAndOthersGiveOthers(long seed) {
        assertThat(Population.generated(seed, 5)).isEqualTo(Population.generated(seed, 5));
        assertThat(Population.generated(seed, 5).people())
                .isEqualTo(Population.generated(seed, 9).people().subList(0, 5));
        assertThat(Population.generated(seed + 1, 5).people())
                .doesNotContainAnyElementsOf(Population.generated(seed, 5).people());
    }

    @Test
    void thereAreAtLeastFortyLabelsAndPeopleUseThemAll() {
        Population population = Population.generated(1, 200);
        assertThat(population.labels()).hasSizeGreaterThanOrEqualTo(40).doesNotHaveDuplicates();
        Set<String> used = population.people().stream()
                .flatMap(GeneratedPeopleTest::all)
                .map(Example::label)
                .collect(Collectors.toSet());
        assertThat(used).containsExactlyInAnyOrderElementsOf(population.labels());
    }

    @Test
    void aPersonsThreePartsShareNoText() {
        for (Person person : Population.generated(2, 20).people()) {
            assertThat(all(person).map(Example::text)).doesNotHaveDuplicates();
            assertThat(person.train()).hasSize(40);
            assertThat(person.validation()).hasSize(12);
            assertThat(person.test()).hasSize(20);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void nobodyOfTheDemoIsAmongThoseThatModelsArePretrainedOn(long seed) {
        Set<String> general = ids(Population.general(seed, 200));
        assertThat(general).hasSize(200).doesNotContainAnyElementsOf(ids(Population.generated(seed, 200)));
    }

    @Test
    void generalPeopleSayNothingThatOnlyTheAppsUsersSay() {
        Set<String> general = texts(Population.general(1, 300));
        for (Pattern phrase : appPhrases()) {
            assertThat(general).noneMatch(text -> phrase.matcher(text).find());
        }
        Set<String> app = texts(Population.generated(1, 100));
        long heard = appPhrases().stream()
                .filter(phrase ->
                        app.stream().anyMatch(text -> phrase.matcher(text).find()))
                .count();
        assertThat(heard).as("phrases of the app that its users do say").isGreaterThan(150);
    }

    @Test
    void aPrivateWordMeansOneThingToAPersonAndDifferentThingsToDifferentPeople() {
        List<Speaker> speakers =
                IntStream.range(0, 100).mapToObj(i -> Crowd.APP.speaker(1, i)).toList();
        Set<String> meaningsOfOtter = speakers.stream()
                .map(speaker -> speaker.meanings().getOrDefault("otter", ""))
                .filter(label -> !label.isEmpty())
                .collect(Collectors.toSet());
        assertThat(meaningsOfOtter).hasSizeGreaterThan(3);
        Speaker one = speakers.get(0);
        List<Example> said = one.say(72);
        one.meanings()
                .forEach((word, label) -> assertThat(said)
                        .filteredOn(example -> (" " + example.text() + " ").contains(" " + word + " "))
                        .isNotEmpty()
                        .allMatch(example -> example.label().equals(label)));
        assertThat(Phrasebook.shipped().words("general private"))
                .doesNotContainAnyElementsOf(Phrasebook.shipped().words("app private"));
    }

    @Test
    void peopleHaveTheirOwnNamesAndHabits() {
        List<Set<String>> firstWords = Population.generated(1, 10).people().stream()
                .map(person -> all(person)
                        .map(example -> example.text().replaceAll(" .*", ""))
                        .collect(Collectors.toSet()))
                .toList();
        assertThat(new HashSet<>(firstWords)).hasSize(10);
    }

    @Test
    void everySlotOfEveryPhraseCanBeFilled() {
        Phrasebook book = Phrasebook.shipped();
        for (String label : book.labels()) {
            Stream.concat(book.everyday(label).stream(), book.appOnly(label).stream())
                    .flatMap(phrase -> SLOT.matcher(phrase).results())
                    .forEach(slot -> assertThat(book.words(slot.group(1))).isNotEmpty());
        }
        assertThat(texts(Population.generated(3, 50))).noneMatch(text -> text.contains("{"));
    }

    @Test
    void aPopulationOfNobodyIsRefused() {
        assertThatThrownBy(() -> Population.generated(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatPeopleSayIsNotPrinted() {
        Person person = Population.generated(1, 1).people().get(0);
        assertThat(person.toString()).doesNotContain(person.train().get(0).text());
    }

    /** Phrases that only the app's users know, with any of the book's words in their slots. */
    private static List<Pattern> appPhrases() {
        Phrasebook book = Phrasebook.shipped();
        return book.labels().stream()
                .flatMap(label -> book.appOnly(label).stream())
                .map(phrase -> SLOT.matcher(phrase)
                        .replaceAll(slot -> "(?:" + String.join("|", book.words(slot.group(1))) + ")"))
                .map(phrase -> Pattern.compile("\\b" + phrase + "\\b"))
                .toList();
    }

    private static Set<String> ids(Population population) {
        return population.people().stream().map(Person::id).collect(Collectors.toSet());
    }

    private static Set<String> texts(Population population) {
        return population.people().stream()
                .flatMap(GeneratedPeopleTest::all)
                .map(Example::text)
                .collect(Collectors.toSet());
    }

    private static Stream<Example> all(Person person) {
        return Stream.of(person.train(), person.validation(), person.test()).flatMap(List::stream);
    }
}
