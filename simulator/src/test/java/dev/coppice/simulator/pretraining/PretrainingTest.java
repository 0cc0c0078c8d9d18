package dev.coppice.simulator.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.model.BaseModel;
import dev.coppice.simulator.Progress;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.population.Population;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainingTest {
    @TempDir
    Path folder;

    @Test
    void aShortTrainingLearnsLabelsAndTokensAndIsRepeatable() throws Exception {
        Corpus corpus = Corpus.of(Population.general(3, 60));
        HeldOutFigures figures = train(corpus, 250, "a");
        assertThat(figures.accuracy()).as("of 46 labels").isGreaterThan(0.3);
        assertThat(figures.tokenLoss()).as("ln 300 = 5.7 by guessing").isLessThan(4.2);
        assertThat(train(corpus, 250, "b")).isEqualTo(figures);
        assertThat(folder.resolve("a/model.onnx")).hasSameBinaryContentAs(folder.resolve("b/model.onnx"));
        try (BaseModel model = BaseModel.open(folder.resolve("a"))) {
            assertThat(model.config().labels()).isEqualTo(corpus.labels());
        }
    }

    @Test
    void textsWithoutLabelsGiveAModelWithoutAHead() throws Exception {
        Path texts = Files.createDirectory(folder.resolve("texts"));
        for (String author : List.of("anna", "ben", "carla")) {
            Files.writeString(texts.resolve(author), "the sea is wide\nthe sky is high\nthe road is long\n".repeat(10));
        }
        HeldOutFigures figures = train(Corpus.of(Population.read(texts, 1)), 60, "plain");
        assertThat(figures.tokenLoss()).isLessThan(2);
        assertThat(figures.accuracy()).isZero();
        try (BaseModel model = BaseModel.open(folder.resolve("plain"))) {
            assertThat(model.config().hasHead()).isFalse();
        }
    }

    @Test
    void nobodyIsBothLearnedFromAndMeasuredOn() {
        Population population = Population.general(1, 40);
        Corpus corpus = Corpus.of(population);
        List<Person> held = new ArrayList<>();
        for (Person person : population.people()) {
            boolean learned = corpus.train().containsAll(person.train());
            boolean measured = corpus.heldOut().containsAll(person.train());
            assertThat(learned).isNotEqualTo(measured);
            if (measured) {
                held.add(person);
            }
        }
        assertThat(held.stream().map(Person::id).collect(Collectors.toSet())).hasSize(2);
    }

    private HeldOutFigures train(Corpus corpus, int steps, String name) throws Exception {
        PretrainingSettings settings = new PretrainingSettings(name, 5, 300, 32, 2, 1, 24, 16, 16, steps, 8e-3);
        Path work = Files.createDirectory(folder.resolve("work-" + name));
        return new Pretraining(corpus, settings, Progress.silent()).run(folder.resolve(name), work);
    }
}
