package dev.coppice.simulator.population;

import dev.coppice.adapters.text.Example;
import java.util.ArrayList;
import java.util.List;

/** Makes people from a seed. */
final class GeneratedPeople {
    static final int TRAIN = 40;
    static final int VALIDATION = 12;
    static final int TEST = 20;

    private GeneratedPeople() {}

    static List<Person> of(Crowd crowd, long seed, int count) {
        List<Person> people = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            List<Example> said = crowd.speaker(seed, i).say(TRAIN + VALIDATION + TEST);
            people.add(new Person(
                    crowd.personId(seed, i),
                    said.subList(0, TRAIN),
                    said.subList(TRAIN, TRAIN + VALIDATION),
                    said.subList(TRAIN + VALIDATION, said.size())));
        }
        return people;
    }
}
