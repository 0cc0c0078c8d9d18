package dev.coppice.simulator.fleet;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.population.Population;
import java.util.List;

/** Each person of a population has one device. */
public final class PeopleData implements FleetData {
    private final Population population;
    private final List<Example> heldOut;

    public PeopleData(Population population) {
        this.population = population;
        heldOut = population.people().stream()
                .flatMap(person -> person.test().stream())
                .toList();
    }

    @Override
    public Task task() {
        return population.task();
    }

    @Override
    public List<String> labels() {
        return population.labels();
    }

    @Override
    public int devices() {
        return population.people().size();
    }

    @Override
    public List<Example> training(int device, int round) {
        return person(device).train();
    }

    @Override
    public List<Example> heldOut(int device) {
        return person(device).test();
    }

    @Override
    public List<Example> heldOut() {
        return heldOut;
    }

    private Person person(int device) {
        return population.people().get(device);
    }
}
