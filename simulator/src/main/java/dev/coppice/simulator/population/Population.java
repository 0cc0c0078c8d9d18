package dev.coppice.simulator.population;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.population.ReadPeople.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The people of one run.
 *
 * @param task what their examples can teach
 * @param labels all labels in the order of their ids; empty for {@link Task#CAUSAL_LM}
 * @param people one a device, in a fixed order
 */
public record Population(Task task, List<String> labels, List<Person> people) {
    private static final int PEOPLE_MAX = 1_000_000;
    private static final int PRETRAINING_HANDS = 40;
    private static final double ALPHA_USUAL = 0.5;
    private static final int DEVICE_EXAMPLES_MAX = 400;

    public Population {
        labels = List.copyOf(labels);
        people = List.copyOf(people);
    }

    /**
     * Made-up people who speak to an assistant; equal arguments give equal people. None of them is among the people
     * that the shipped model was pretrained on.
     *
     * @param devices how many, 1 to 1,000,000
     */
    public static Population generated(long seed, int devices) {
        return generated(Crowd.APP, seed, devices);
    }

    /** Made-up people of the kind that base models are pretrained on; they know nothing of the demo's app. */
    public static Population general(long seed, int people) {
        return generated(Crowd.GENERAL, seed, people);
    }

    private static Population generated(Crowd crowd, long seed, int people) {
        if (people < 1 || people > PEOPLE_MAX) {
            throw new IllegalArgumentException("there are 1 to " + PEOPLE_MAX + " people");
        }
        List<String> labels = Phrasebook.shipped().labels();
        return new Population(Task.TEXT_CLASSIFICATION, labels, GeneratedPeople.of(crowd, seed, people));
    }

    /**
     * People read from JSON lines ({@code text}, optional {@code user}, optional {@code label}) or from a folder with one
     * text file per user. Without users, examples are dealt out to {@code devices} made-up users by a Dirichlet
     * distribution over labels, whose alpha is one half.
     *
     * @param task {@link Task#CAUSAL_LM} or {@link Task#TEXT_CLASSIFICATION}
     * @param devices how many people at most; those with the most examples are taken
     * @throws PopulationRefusedException if nothing can be made of the input; says which file and line
     */
    public static Population read(Path data, Task task, int devices, long seed)
            throws IOException, PopulationRefusedException {
        return read(data, task, devices, ALPHA_USUAL, seed);
    }

    /**
     * The same with another alpha.
     *
     * @param alpha above 0: the smaller, the more made-up users differ in what they talk about
     * @throws PopulationRefusedException as {@link #read(Path, Task, int, long)}
     */
    public static Population read(Path data, Task task, int devices, double alpha, long seed)
            throws IOException, PopulationRefusedException {
        return ReadPeople.of(data, task, new Limits(devices, devices, alpha, DEVICE_EXAMPLES_MAX), seed);
    }

    /**
     * People as the input names them, each split in the order of what they said: the newest texts are for the test, and none
     * for validation.
     *
     * @param task {@link Task#CAUSAL_LM} or {@link Task#TEXT_CLASSIFICATION}
     * @param textsMin whoever said fewer is left out
     * @param learned part of each person's texts that is learned from, above 0 and below 1
     * @throws PopulationRefusedException if nothing can be made of the input, or it names nobody
     */
    public static Population inOrder(Path data, Task task, int textsMin, double learned)
            throws IOException, PopulationRefusedException {
        return ReadPeople.inOrder(data, task, textsMin, learned);
    }

    /**
     * Everybody in the input, for pretraining: with labels where all lines have one, else for {@link Task#CAUSAL_LM}.
     *
     * @throws PopulationRefusedException as {@link #read(Path, Task, int, long)}
     */
    public static Population read(Path data, long seed) throws IOException, PopulationRefusedException {
        boolean labelled = hasLabels(data);
        Limits everybody = new Limits(Integer.MAX_VALUE, PRETRAINING_HANDS, ALPHA_USUAL, Integer.MAX_VALUE);
        return ReadPeople.of(data, labelled ? Task.TEXT_CLASSIFICATION : Task.CAUSAL_LM, everybody, seed);
    }

    /**
     * All texts of the input in their order, whoever said them.
     *
     * @param task whether each needs a label
     * @throws PopulationRefusedException as {@link #read(Path, Task, int, long)}
     */
    public static List<Example> examples(Path data, Task task) throws IOException, PopulationRefusedException {
        return ReadPeople.lines(data, task).stream().map(Line::example).toList();
    }

    /**
     * All texts of the input and who said them.
     *
     * @param task whether each needs a label
     * @throws PopulationRefusedException as {@link #read(Path, Task, int, long)}
     */
    public static Corpus corpus(Path data, Task task) throws IOException, PopulationRefusedException {
        List<Line> lines = ReadPeople.lines(data, task);
        List<String> users =
                lines.stream().map(Line::user).flatMap(Stream::ofNullable).toList();
        return new Corpus(lines.stream().map(Line::example).toList(), users);
    }

    /** Whether the first of the input's texts has a label. */
    public static boolean hasLabels(Path data) throws IOException {
        return Files.isRegularFile(data) && JsonLines.hasLabels(data);
    }
}
