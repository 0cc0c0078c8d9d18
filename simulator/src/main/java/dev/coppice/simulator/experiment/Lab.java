package dev.coppice.simulator.experiment;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Judgement;
import dev.coppice.agent.training.KitCache;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.simulator.population.Population;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * What experiments share: people, a base model, kits, and as many engines as workers. Results do not depend on the number
 * of workers. For one thread, which the workers work for.
 */
public final class Lab implements AutoCloseable {
    /** Texts that are judged in one go. */
    private static final int CHUNK = 64;

    private final Population population;
    private final BaseModel model;
    private final KitCache kits;
    private final OwnEngines engines;
    private final ExecutorService workers;

    /**
     * Opens a lab.
     *
     * @param model becomes this object's to close
     * @param kitFolder where kits are kept
     * @param workers threads that train, at least 1
     */
    @MustBeClosed
    public Lab(Population population, BaseModel model, Path kitFolder, int workers) {
        this.population = population;
        this.model = model;
        this.kits = new KitCache(kitFolder);
        this.engines = new OwnEngines(workers, EngineKind.ORT_TRAINING);
        this.workers = Executors.newFixedThreadPool(workers);
    }

    Population population() {
        return population;
    }

    BaseModel model() {
        return model;
    }

    Kit kit(KitSpec spec) throws IOException, KitRefusedException {
        return kits.kit(model, spec);
    }

    Classroom classroom(Kit kit) {
        return new Classroom(model, kit, engines);
    }

    /** All people's held-out texts together, each labelled position counting once. */
    Judgement judge(Classroom classroom, AdapterWeights weights) throws EngineException, InterruptedException {
        if (classroom.kit().spec().task() != Task.CAUSAL_LM) {
            return judgeEach(
                    classroom,
                    weights,
                    classroom.usable(population.people().stream()
                            .flatMap(person -> person.test().stream())
                            .toList()));
        }
        return judgeOwn(classroom, person -> weights);
    }

    /** The same where everybody has an adapter of their own, by their place in the population. */
    Judgement judgeOwn(Classroom classroom, IntFunction<AdapterWeights> weights)
            throws EngineException, InterruptedException {
        List<Callable<Judgement>> each = new ArrayList<>();
        for (int i = 0; i < population.people().size(); i++) {
            AdapterWeights own = weights.apply(i);
            List<Example> texts = classroom.usable(population.people().get(i).test());
            if (!texts.isEmpty()) {
                each.add(() -> judge(classroom, own, texts));
            }
        }
        return pooled(all(each));
    }

    /** Texts, all usable, each by itself. */
    Judgement judgeEach(Classroom classroom, AdapterWeights weights, List<Example> texts)
            throws EngineException, InterruptedException {
        List<Callable<Judgement>> chunks = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += CHUNK) {
            List<Example> chunk = texts.subList(from, Math.min(texts.size(), from + CHUNK));
            chunks.add(() -> classroom.judge(weights, chunk));
        }
        return pooled(all(chunks));
    }

    /** One person's texts, all usable: a language model reads them one after the other. */
    static Judgement judge(Classroom classroom, AdapterWeights weights, List<Example> texts)
            throws EngineException, InterruptedException {
        return classroom.kit().spec().task() == Task.CAUSAL_LM
                ? classroom.judgePass(weights, texts)
                : classroom.judge(weights, texts);
    }

    /** Figures of several texts, or devices, as of one. */
    static Judgement pooled(List<Judgement> parts) {
        int positions = 0;
        double correct = 0;
        double loss = 0;
        for (Judgement part : parts) {
            if (part.positions() > 0) {
                positions += part.positions();
                correct += part.accuracy() * part.positions();
                loss += part.loss() * part.positions();
            }
        }
        return new Judgement(positions, correct / positions, loss / positions);
    }

    /** Does all of it on the workers; results in the order of the work. */
    <T> List<T> all(List<? extends Callable<T>> work) throws EngineException, InterruptedException {
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> future : workers.invokeAll(work)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EngineException failed) {
                throw failed;
            }
            throw new IllegalStateException("An experiment failed", e.getCause());
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        engines.close();
        model.close();
    }
}
