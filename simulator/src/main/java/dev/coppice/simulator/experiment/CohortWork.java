package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.ExampleWeight;
import dev.coppice.aggregator.round.GroupSum;
import dev.coppice.crypto.masking.Grouping;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.world.SeededRandomSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentMap;

/**
 * What the devices of a cohort hand in: trained, clipped, rounded and noised as devices do it, and added up in the clear. It
 * follows from the seed, the round and the device, not from the number of workers. For one thread.
 */
final class CohortWork {
    private final Lab lab;
    private final Posted posted;
    private final Ranks ranks;
    private final Optional<Malice> malice;
    private final SeededRandomSource random;
    private final ConcurrentMap<Integer, float[]> kept = Turnout.nothingKept();

    /** @param random of the whole run */
    CohortWork(Lab lab, Posted posted, Ranks ranks, Optional<Malice> malice, SeededRandomSource random) {
        this.lab = lab;
        this.posted = posted;
        this.ranks = ranks;
        this.malice = malice;
        this.random = random;
    }

    /** What devices keep of their own from one round to the next, by their place in the population; empty if nothing. */
    ConcurrentMap<Integer, float[]> kept() {
        return kept;
    }

    /**
     * The sums of a round's groups.
     *
     * @param candidate that the round starts from
     * @param cohort in the order in which it is divided into groups
     */
    List<GroupSum> sums(RoundTerms terms, AdapterWeights candidate, List<Integer> cohort)
            throws EngineException, InterruptedException {
        return sums(terms, cohort, updates(terms, candidate, cohort));
    }

    /** What each of a cohort hands in, before it is clipped and encoded. */
    List<float[]> updates(RoundTerms terms, AdapterWeights candidate, List<Integer> cohort)
            throws EngineException, InterruptedException {
        int round = terms.getNumber();
        Turnout turnout = Turnout.of(terms, candidate, kept);
        Optional<Malice.Scene> scene = malice.map(one -> one.scene(round, terms, cohort));
        List<Callable<float[]>> work = new ArrayList<>();
        for (int device : cohort) {
            work.add(() -> {
                if (scene.isPresent() && !scene.get().trains(device)) {
                    return turnout.nothing();
                }
                List<Example> texts = posted.lessons().get(device);
                AdapterWeights start = turnout.start(device, candidate);
                RankClass own = ranks.of(device);
                Classroom.Trained trained = own.classroom()
                        .train(
                                own.held(start),
                                own.held(turnout.held()),
                                scene.isPresent() ? scene.get().examples(device, texts) : texts,
                                terms.getTraining().getLocalSteps(),
                                terms.getTraining().getLearningRate(),
                                random.fork("lesson " + round + " " + device),
                                () -> true);
                return ExampleWeight.weighted(
                        turnout.update(device, start, own.replaced(start, trained.weights())),
                        terms.getTraining().getFullWeightExamples(),
                        texts.size());
            });
        }
        List<float[]> updates = lab.all(work);
        return scene.isPresent() ? scene.get().crafted(updates) : updates;
    }

    /** Encoded as on devices, added up as on the server. */
    private List<GroupSum> sums(RoundTerms terms, List<Integer> cohort, List<float[]> updates)
            throws EngineException, InterruptedException {
        EncodingParameters encoding = EncodingParameters.of(terms.getEncoding());
        Grouping grouping = Grouping.of(cohort.size(), terms.getCohort().getGroupSize());
        List<Callable<GroupSum>> work = new ArrayList<>();
        for (int group = 0; group < grouping.groups(); group++) {
            int number = group;
            work.add(() -> {
                UpdateEncoder encoder = new UpdateEncoder(encoding);
                int[] sum = new int[encoding.paddedDimension()];
                for (int place = grouping.first(number); place < grouping.first(number + 1); place++) {
                    int device = cohort.get(place);
                    float[] update = updates.get(place);
                    UpdateEncoder own = malice.isPresent() && malice.get().doesNotClip(device)
                            ? new UpdateEncoder(Malice.unclipped(encoding, update))
                            : encoder;
                    int[] encoded = own.encode(update, random.fork("encoding " + terms.getNumber() + " " + device));
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += encoded[i];
                    }
                }
                return new GroupSum(number, grouping.first(number + 1) - grouping.first(number), sum);
            });
        }
        return lab.all(work);
    }
}
