package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.ExampleWeight;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.world.SeededRandomSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A task that the aggregator has taken on, and what each of a lab's people has to learn from.
 *
 * @param task before its first round
 * @param initial what that starts from
 * @param lessons usable texts of each person
 * @param eligible people who have as many as the task wants
 */
record Posted(
        StoredTask task,
        TaskDefinition definition,
        Classroom classroom,
        AdapterWeights initial,
        List<List<Example>> lessons,
        List<Integer> eligible) {
    /**
     * Has the aggregator take a task on.
     *
     * @param task as {@link Definitions#complete} made it
     * @param random of the whole run
     * @param scratch folder for blobs
     * @throws ExperimentRefusedException if the aggregator refuses the task, with its reason, or too few people have enough texts
     */
    static Posted of(Lab lab, Definitions.Complete task, SeededRandomSource random, Path scratch)
            throws ExperimentRefusedException, IOException {
        BlobFolder blobs = new BlobFolder(scratch);
        blobs.put(Safetensors.write(task.kit().initial()));
        StoredTask stored;
        try {
            stored = new TaskDesk(new MemoryStore(), blobs, random.fork("task")).create(task.bytes());
        } catch (TaskRefusedException e) {
            throw new ExperimentRefusedException(String.valueOf(e.getMessage()));
        }
        TaskDefinition definition = TaskJson.stored(stored.definition());
        Classroom classroom = lab.classroom(task.kit());
        List<List<Example>> lessons = new ArrayList<>();
        for (Person person : lab.population().people()) {
            lessons.add(classroom.usable(person.train()));
        }
        List<Integer> eligible = IntStream.range(0, lessons.size())
                .filter(i -> lessons.get(i).size() >= definition.examplesMin())
                .boxed()
                .toList();
        if (eligible.size() < definition.cohort().min()) {
            throw new ExperimentRefusedException("cohort.min is "
                    + definition.cohort().min() + ", and " + eligible.size() + " people have enough texts");
        }
        return new Posted(stored, definition, classroom, task.kit().initial(), lessons, eligible);
    }

    /** What those who may take part count for on the average; 1 where all count alike. */
    double meanWeight() {
        return eligible.stream()
                .mapToDouble(i -> ExampleWeight.of(
                        definition.fullWeightExamplesOrNone(), lessons.get(i).size()))
                .average()
                .orElse(1);
    }

    /** Epsilon of all of a task's rounds together, infinite without noise. */
    static double epsilon(RoundTerms terms) {
        return terms.getPrivacy().getNoiseMultiplier() > 0
                ? terms.getPrivacy().getEpsilonMax()
                : Double.POSITIVE_INFINITY;
    }

    /** Bytes of an update, masked or not. */
    static long inputBytes(RoundTerms terms) {
        EncodingParameters encoding = EncodingParameters.of(terms.getEncoding());
        return ((long) encoding.paddedDimension() * encoding.bits() + 7) / 8;
    }
}
