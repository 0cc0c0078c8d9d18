package dev.coppice.simulator.pretraining;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.population.Population;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model is pretrained on, and texts of other people that its loss is measured on.
 *
 * @param labels in the order of their ids; empty if the texts have none
 */
public record Corpus(List<Example> train, List<Example> heldOut, List<String> labels) {
    private static final int HELD_OUT_ONE_IN = 20;
    private static final int HELD_OUT_MAX = 4_000;

    public Corpus {
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
        labels = List.copyOf(labels);
        if (train.isEmpty() || heldOut.isEmpty()) {
            throw new IllegalArgumentException("a corpus needs texts to learn from and texts to be measured on");
        }
    }

    /**
     * Splits by people where there are at least {@value #HELD_OUT_ONE_IN}, so that nobody is on both sides; else by
     * examples.
     */
    public static Corpus of(Population population) {
        List<Person> people = population.people();
        List<Example> train = new ArrayList<>();
        List<Example> heldOut = new ArrayList<>();
        for (int i = 0; i < people.size(); i++) {
            Person person = people.get(i);
            boolean held = i % HELD_OUT_ONE_IN == HELD_OUT_ONE_IN - 1;
            (held ? heldOut : train).addAll(person.train());
            (held || people.size() < HELD_OUT_ONE_IN ? heldOut : train).addAll(person.validation());
            (held || people.size() < HELD_OUT_ONE_IN ? heldOut : train).addAll(person.test());
        }
        return new Corpus(train, heldOut.subList(0, Math.min(HELD_OUT_MAX, heldOut.size())), population.labels());
    }
}
