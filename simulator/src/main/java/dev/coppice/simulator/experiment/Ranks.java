package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Judgement;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which rank each device of a population has. Those of smaller ranks than the server's train the leading part of the
 * candidate, and hand in zeros for the rest: zero-padding as in HetLoRA (Cho et al. 2024, arXiv 2401.06432), but without its
 * weights by norm, since of a secure sum the server sees no single update, and without its pruning of ranks.
 */
final class Ranks {
    private final List<RankClass> classOf;
    private final List<RankClass> judged;

    private Ranks(List<RankClass> classOf, Collection<RankClass> judged) {
        this.classOf = List.copyOf(classOf);
        this.judged = List.copyOf(judged);
    }

    /** All devices have the server's. */
    static Ranks alike(Posted posted) {
        RankClass all = new RankClass(
                posted.classroom().kit().spec().lora().rank(),
                posted.classroom(),
                posted.initial().layout());
        return new Ranks(Collections.nCopies(posted.lessons().size(), all), List.of());
    }

    /**
     * Deals ranks to a population.
     *
     * @param ranks dealt evenly; a rank that is named twice goes to twice as many. Empty: all devices have the server's
     * @param random of the whole run
     * @throws ExperimentRefusedException if a rank is above the server's or below 1, or the task's adapter cannot be cut
     */
    static Ranks of(Lab lab, Posted posted, List<Integer> ranks, SeededRandomSource random)
            throws ExperimentRefusedException, IOException {
        if (ranks.isEmpty()) {
            return alike(posted);
        }
        requireCuttable(posted, ranks);
        SortedMap<Integer, RankClass> classes = new TreeMap<>();
        for (int rank : ranks) {
            classes.put(rank, of(lab, posted, rank));
        }
        List<Integer> order = new Dice(random.fork("ranks"))
                .shuffled(IntStream.range(0, posted.lessons().size()).boxed().toList());
        List<RankClass> classOf = new ArrayList<>();
        for (int place : order) {
            classOf.add(classes.get(ranks.get(place % ranks.size())));
        }
        return new Ranks(classOf, classes.values());
    }

    private static RankClass of(Lab lab, Posted posted, int rank) throws ExperimentRefusedException, IOException {
        KitSpec spec = RankClass.cut(posted.classroom().kit().spec(), rank);
        try {
            Classroom classroom = lab.classroom(lab.kit(spec));
            return new RankClass(rank, classroom, posted.initial().layout());
        } catch (KitRefusedException e) {
            throw new ExperimentRefusedException("a kit of rank " + rank + ": " + e.getMessage());
        }
    }

    private static void requireCuttable(Posted posted, List<Integer> ranks) throws ExperimentRefusedException {
        LoraSpec lora = posted.classroom().kit().spec().lora();
        if (lora.isNone()) {
            throw new ExperimentRefusedException("devices have ranks where there is a LoRA adapter");
        }
        if (!lora.options().ranks().isEmpty()) {
            throw new ExperimentRefusedException(
                    "modules of unlike ranks are not cut: leave kitSpec.lora.ranks empty, or leave out --ranks");
        }
        if ("fedsa".equals(posted.definition().mergeRule())) {
            throw new ExperimentRefusedException("what devices of unlike ranks keep is not played: no fedsa");
        }
        for (int rank : ranks) {
            if (rank < 1 || rank > lora.rank()) {
                throw new ExperimentRefusedException("ranks of devices are 1 to " + lora.rank()
                        + ", which is the definition's (kitSpec.lora.rank), and not " + rank);
            }
        }
    }

    /** What a device has, by its place in the population. */
    RankClass of(int device) {
        return classOf.get(device);
    }

    /**
     * How an adapter does on all held-out texts as devices of one rank hold it.
     *
     * @param devices that have this rank, of the whole population
     */
    record Judged(int rank, int devices, Judgement judgement) {}

    /** One for each rank, ascending; empty if nothing was said of ranks. */
    List<Judged> judge(Lab lab, AdapterWeights candidate) throws EngineException, InterruptedException {
        List<Judged> each = new ArrayList<>();
        for (RankClass one : judged) {
            int devices = Collections.frequency(classOf, one);
            each.add(new Judged(one.rank(), devices, lab.judge(one.classroom(), one.held(candidate))));
        }
        return each;
    }
}
