package dev.coppice.simulator.population;

import dev.coppice.adapters.text.Example;
import java.util.List;

/**
 * One user of one device, and what this person said; the three parts share no example.
 *
 * @param id unique in a population, 1 to 64 characters
 * @param train what the device learns from
 * @param validation what the device judges skill packs and personal adapters by
 * @param test what only the simulator looks at
 */
public record Person(String id, List<Example> train, List<Example> validation, List<Example> test) {
    public Person {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
    }

    /** Without what was said. */
    @Override
    public String toString() {
        return "Person[" + id + ", " + train.size() + " + " + validation.size() + " + " + test.size() + " examples]";
    }
}
