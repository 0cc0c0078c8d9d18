package dev.coppice.simulator;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.population.PopulationRefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Finds the people of a run, and says how long their texts are. */
final class Texts {
    private Texts() {}

    /**
     * Made-up people, or those of the data that was named.
     *
     * @param seed of how people are made up or texts dealt out
     * @throws DemoRefusedException with one clear sentence when the data cannot be used
     */
    static Population population(DemoSettings settings, long seed) throws DemoRefusedException {
        if (settings.data().isEmpty()) {
            Population made = Population.generated(seed, settings.devices());
            return settings.task().filter(task -> task == Task.CAUSAL_LM).isPresent() ? withoutLabels(made) : made;
        }
        Path data = settings.data().get();
        try {
            Task task = settings.task().isPresent() ? settings.task().get() : fittingTask(data);
            return Population.read(data, task, settings.devices(), seed);
        } catch (PopulationRefusedException e) {
            throw new DemoRefusedException(String.valueOf(e.getMessage()));
        } catch (MalformedInputException e) {
            throw new DemoRefusedException("--data " + data + " is not text in UTF-8");
        } catch (IOException e) {
            throw new DemoRefusedException("cannot read --data " + data + ": " + e.getMessage());
        }
    }

    /** Labels call for classification. A folder has none. */
    private static Task fittingTask(Path data) throws IOException {
        if (!Files.isRegularFile(data)) {
            return Task.CAUSAL_LM;
        }
        try (BufferedReader lines = Files.newBufferedReader(data)) {
            String first = lines.readLine();
            while (first != null && first.isBlank()) {
                first = lines.readLine();
            }
            return first != null && first.contains("\"label\"") ? Task.TEXT_CLASSIFICATION : Task.CAUSAL_LM;
        }
    }

    private static Population withoutLabels(Population made) {
        List<Person> people = made.people().stream()
                .map(person ->
                        new Person(person.id(), bare(person.train()), bare(person.validation()), bare(person.test())))
                .toList();
        return new Population(Task.CAUSAL_LM, List.of(), people);
    }

    private static List<Example> bare(List<Example> examples) {
        return examples.stream().map(example -> new Example(example.text(), "")).toList();
    }

    /** The length in tokens that 99 of 100 texts for training have at most. */
    static int tokensUsual(Population population, TextTokenizer tokenizer) {
        int[] lengths = population.people().stream()
                .flatMap(person -> person.train().stream())
                .mapToInt(example -> tokenizer.encode(example.text()).length)
                .sorted()
                .toArray();
        return lengths.length == 0 ? 1 : lengths[(int) ((lengths.length - 1) * 0.99)];
    }

    /** All held-out texts of some people. */
    static List<Example> heldOut(List<Person> people) {
        return people.stream().flatMap(person -> person.test().stream()).toList();
    }

    /** The texts that devices hold. */
    static int count(List<Person> people) {
        return people.stream()
                .mapToInt(person -> person.train().size() + person.validation().size())
                .sum();
    }

    /** Every token that follows another, for language models; the answers that a guess is judged by. */
    static List<Integer> tokens(List<Example> examples, TextTokenizer tokenizer, int eosId) {
        return examples.stream()
                .flatMap(example -> {
                    int[] ids = tokenizer.encode(example.text());
                    int[] all = Arrays.copyOf(ids, ids.length + 1);
                    all[ids.length] = eosId;
                    return Arrays.stream(all).boxed();
                })
                .toList();
    }
}
