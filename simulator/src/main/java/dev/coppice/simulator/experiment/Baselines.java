package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.agent.training.Judgement;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.world.SeededRandomSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** What federation is measured against, and what comes on top of it, on a lab's people. */
final class Baselines {
    private static final int HELD_OUT_ONE_IN = 5;

    private final Lab lab;
    private final Classroom classroom;
    private final SeededRandomSource random;

    Baselines(Lab lab, Classroom classroom, long seed) {
        this.lab = lab;
        this.classroom = classroom;
        this.random = SeededRandomSource.of(seed).fork("baselines");
    }

    /**
     * What training on a device brought.
     *
     * @param before how the start does on held-out texts of those who trained
     * @param after the same of what each of them trained
     * @param improved part of them whose own held-out loss fell
     * @param kept part of them whose device kept what it trained
     */
    record OnDevice(Judgement before, Judgement after, double improved, double kept) {}

    private record One(Judgement before, Judgement after, boolean kept) {}

    /**
     * Each device trains from the same start on its own texts alone, as agents do: in portions, judged by the newest fifth of
     * them, which are not trained on; what is no better is not kept.
     */
    OnDevice checked(AdapterWeights start, Course course) throws EngineException, InterruptedException {
        return each(
                (person, texts) -> {
                    int own = texts.size() - Math.max(1, texts.size() / HELD_OUT_ONE_IN);
                    if (own < 1) {
                        return start;
                    }
                    List<Example> newest = texts.subList(own, texts.size());
                    double before = classroom.judge(start, newest).loss();
                    Classroom.Progress best = classroom.trainToBest(
                            start, texts.subList(0, own), newest, course, random.fork("checked " + person), () -> true);
                    return best.heldOut().loss() < before ? best.weights() : start;
                },
                start);
    }

    /** Each device trains from the same start on all its own texts so often, whatever comes of it. */
    OnDevice unchecked(AdapterWeights start, int epochs, float learningRate)
            throws EngineException, InterruptedException {
        return each(
                (person, texts) -> classroom
                        .train(
                                start,
                                List.of(),
                                texts,
                                epochs * classroom.batches(texts),
                                learningRate,
                                random.fork("unchecked " + person),
                                () -> true)
                        .weights(),
                start);
    }

    /** One adapter trained on everybody's texts in one place: the upper bound. */
    Judgement central(AdapterWeights start, int steps, float learningRate)
            throws EngineException, InterruptedException {
        List<Example> texts = lab.population().people().stream()
                .flatMap(person -> classroom.usable(person.train()).stream())
                .toList();
        AdapterWeights trained = classroom
                .train(start, List.of(), texts, steps, learningRate, random.fork("central"), () -> true)
                .weights();
        return lab.judge(classroom, trained);
    }

    private interface Training {
        AdapterWeights of(String person, List<Example> texts) throws EngineException, InterruptedException;
    }

    private OnDevice each(Training training, AdapterWeights start) throws EngineException, InterruptedException {
        List<Callable<One>> work = new ArrayList<>();
        for (Person person : lab.population().people()) {
            List<Example> texts = classroom.usable(person.train());
            List<Example> test = classroom.usable(person.test());
            if (!texts.isEmpty() && !test.isEmpty()) {
                work.add(() -> {
                    AdapterWeights after = training.of(person.id(), texts);
                    return new One(
                            Lab.judge(classroom, start, test), Lab.judge(classroom, after, test), !after.equals(start));
                });
            }
        }
        List<One> all = lab.all(work);
        return new OnDevice(
                Lab.pooled(all.stream().map(One::before).toList()),
                Lab.pooled(all.stream().map(One::after).toList()),
                all.stream()
                                .filter(one -> one.after().loss() < one.before().loss())
                                .count()
                        / (double) all.size(),
                all.stream().filter(One::kept).count() / (double) all.size());
    }
}
