package dev.coppice.simulator.population;

import dev.coppice.adapters.kit.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The people of one run.
 *
 * @param task what their examples can teach
 * @param labels all labels in the order of their ids; empty for {@link Task#CAUSAL_LM}
 * @param people one a device, in a fixed order
 */
public record Population(Task task, List<String> labels, List<Person> people) {
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
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * People read from JSON lines ({@code text}, optional {@code user}, optional {@code label}) or from a folder with one
     * text file per user. Without users, examples are dealt out to {@code devices} made-up users by a Dirichlet
     * distribution over labels.
     *
     * @param task {@link Task#CAUSAL_LM} or {@link Task#TEXT_CLASSIFICATION}
     * @param devices how many people at most; those with the most examples are taken
     * @throws PopulationRefusedException if nothing can be made of the input; says which file and line
     */
    public static Population read(Path data, Task task, int devices, long seed)
            throws IOException, PopulationRefusedException {
        throw new UnsupportedOperationException("not yet");
    }
}
