package dev.coppice.simulator.population;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.dealing.DirichletPartition;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Parameters;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/** Makes a population of real input. */
final class ReadPeople {
    /** Fewer cannot be split into three parts. */
    private static final int EXAMPLES_MIN = 4;

    /**
     * How many people there are at most, to how many examples without users are dealt and how unlike those are
     * ({@code alpha} of the Dirichlet distribution over labels), what one keeps at most.
     */
    record Limits(int people, int dealtTo, double alpha, int examplesMax) {}

    private static final int PART_ONE_IN = 5;

    private ReadPeople() {}

    static Population of(Path data, Task task, Limits limits, long seed)
            throws IOException, PopulationRefusedException {
        List<Line> lines = lines(data, task);
        SplittableRandom random = new SplittableRandom(seed);
        List<Person> people = new ArrayList<>();
        byUser(lines, limits, random).entrySet().stream()
                .filter(user -> user.getValue().size() >= EXAMPLES_MIN)
                .sorted(Comparator.comparingInt((Map.Entry<String, List<Example>> user) ->
                        -user.getValue().size()))
                .limit(limits.people())
                .forEach(user -> people.add(person(user.getKey(), user.getValue(), limits.examplesMax(), random)));
        if (people.isEmpty()) {
            throw new PopulationRefusedException(data + " has nobody with at least " + EXAMPLES_MIN + " texts");
        }
        return new Population(task, labels(lines, task), people);
    }

    static Population inOrder(Path data, Task task, int textsMin, double learned)
            throws IOException, PopulationRefusedException {
        List<Line> lines = lines(data, task);
        Map<String, List<Example>> users = new LinkedHashMap<>();
        for (Line line : lines) {
            String user = line.user();
            if (user == null) {
                throw new PopulationRefusedException(
                        data + " names no users, whose texts could be split in their order");
            }
            users.computeIfAbsent(user, name -> new ArrayList<>()).add(line.example());
        }
        List<Person> people = new ArrayList<>();
        users.forEach((user, said) -> {
            int end = (int) (learned * said.size());
            if (said.size() >= textsMin && end > 0 && end < said.size()) {
                people.add(new Person(user, said.subList(0, end), List.of(), said.subList(end, said.size())));
            }
        });
        if (people.isEmpty()) {
            throw new PopulationRefusedException(data + " has nobody with at least " + textsMin + " texts");
        }
        return new Population(task, labels(lines, task), people);
    }

    /** What the input says, line by line. */
    static List<Line> lines(Path data, Task task) throws IOException, PopulationRefusedException {
        boolean labelled = task == Task.TEXT_CLASSIFICATION;
        if (!Files.isReadable(data)) {
            throw new PopulationRefusedException("there is no file or folder " + data + " that can be read");
        }
        if (Files.isDirectory(data) && labelled) {
            throw new PopulationRefusedException(data + " is a folder of texts, which have no labels to learn");
        }
        List<Line> lines;
        try {
            lines = Files.isDirectory(data) ? TextFolder.read(data) : JsonLines.read(data, labelled);
        } catch (MalformedInputException e) {
            throw new PopulationRefusedException(data + " is not text in UTF-8", e);
        }
        if (lines.isEmpty()) {
            throw new PopulationRefusedException(data + " holds no texts");
        }
        long users = lines.stream().filter(line -> line.user() != null).count();
        if (users != 0 && users != lines.size()) {
            throw new PopulationRefusedException(data + " names a user in some lines but not in all");
        }
        return lines;
    }

    private static Map<String, List<Example>> byUser(List<Line> lines, Limits limits, SplittableRandom random) {
        Map<String, List<Example>> users = new LinkedHashMap<>();
        for (Line line : lines) {
            String user = line.user();
            if (user == null) {
                return dealt(lines.stream().map(Line::example).toList(), limits, random);
            }
            users.computeIfAbsent(user, name -> new ArrayList<>()).add(line.example());
        }
        return users;
    }

    /** Users by name; some may have nothing and are left out. */
    private static Map<String, List<Example>> dealt(List<Example> examples, Limits limits, SplittableRandom random) {
        List<int[]> hands = new DirichletPartition()
                .deal(
                        new Corpus(examples, List.of()),
                        limits.dealtTo(),
                        new Parameters(Map.of("alpha", limits.alpha())),
                        random);
        Map<String, List<Example>> users = new LinkedHashMap<>();
        for (int i = 0; i < hands.size(); i++) {
            if (hands.get(i).length > 0) {
                users.put(
                        "user-" + i,
                        Arrays.stream(hands.get(i)).mapToObj(examples::get).toList());
            }
        }
        return users;
    }

    private static List<String> labels(List<Line> lines, Task task) throws PopulationRefusedException {
        if (task == Task.CAUSAL_LM) {
            return List.of();
        }
        List<String> labels = lines.stream()
                .map(line -> line.example().label())
                .distinct()
                .sorted()
                .toList();
        if (labels.size() < 2) {
            throw new PopulationRefusedException("the input has one label only; there is nothing to tell apart");
        }
        return labels;
    }

    /** A fifth for validation, a fifth for the test, the rest to learn from, all in a drawn order. */
    private static Person person(String id, List<Example> said, int examplesMax, SplittableRandom random) {
        List<Example> order = new ArrayList<>(said);
        Collections.shuffle(order, Random.from(random));
        List<Example> kept = order.subList(0, Math.min(examplesMax, order.size()));
        int part = Math.max(1, kept.size() / PART_ONE_IN);
        return new Person(id, kept.subList(2 * part, kept.size()), kept.subList(0, part), kept.subList(part, 2 * part));
    }
}
