package dev.coppice.simulator.fleet;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Choice;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.Partition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Texts that a {@link Partition} dealt out. A device is but the positions of its texts, a fifth of which it never trains on.
 * Where people drift, a device begins with the first part of its texts and goes on to the others as the rounds go by.
 */
public final class DealtData implements FleetData {
    private static final int EXAMPLES_MIN = 4;
    private static final int HELD_OUT_ONE_IN = 5;

    private final Task task;
    private final List<String> labels;
    private final Corpus corpus;
    private final List<int[]> training;
    private final List<int[]> heldOut;
    private final Drift drift;

    /**
     * How what people say changes.
     *
     * @param window part of a device's texts that it has at a time, above 0 and at most 1; 1: no drift
     * @param rounds after which it has come to its last texts
     */
    public record Drift(double window, int rounds) {
        public static final Drift NONE = new Drift(1, 1);

        public Drift {
            if (!(window > 0 && window <= 1) || rounds < 1) {
                throw new IllegalArgumentException("drift.window is above 0, at most 1, and drift.rounds 1 or more");
            }
        }
    }

    private DealtData(Task task, Corpus corpus, List<int[]> training, List<int[]> heldOut, Drift drift) {
        this.task = task;
        this.labels = task == Task.CAUSAL_LM
                ? List.of()
                : corpus.examples().stream()
                        .map(Example::label)
                        .distinct()
                        .sorted()
                        .toList();
        this.corpus = corpus;
        this.training = training;
        this.heldOut = heldOut;
        this.drift = drift;
    }

    /**
     * Deals.
     *
     * @param partition by name
     * @param devices how many there are at most; people with fewer than 4 texts get none
     * @throws IllegalArgumentException if that cannot be done, with the reason
     */
    public static DealtData of(Task task, Corpus corpus, Choice partition, int devices, Drift drift, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> hands = Extensions.named(Partition.class, "partition", partition.name())
                .deal(corpus, devices, partition.parameters(), random);
        List<int[]> training = new ArrayList<>();
        List<int[]> heldOut = new ArrayList<>();
        for (int[] hand : hands) {
            if (hand.length >= EXAMPLES_MIN) {
                int[] order = drift.equals(Drift.NONE) ? shuffled(hand, random) : hand.clone();
                split(order, training, heldOut);
            }
        }
        if (training.isEmpty()) {
            throw new IllegalArgumentException("nobody has at least " + EXAMPLES_MIN + " texts");
        }
        return new DealtData(task, corpus, List.copyOf(training), List.copyOf(heldOut), drift);
    }

    /** Every fifth is held out, so that these are of the same time as the others. */
    private static void split(int[] order, List<int[]> training, List<int[]> heldOut) {
        int[] train = new int[order.length];
        int[] test = new int[order.length];
        int trained = 0;
        int tested = 0;
        for (int i = 0; i < order.length; i++) {
            if (i % HELD_OUT_ONE_IN == HELD_OUT_ONE_IN / 2) {
                test[tested++] = order[i];
            } else {
                train[trained++] = order[i];
            }
        }
        training.add(Arrays.copyOf(train, trained));
        heldOut.add(Arrays.copyOf(test, tested));
    }

    private static int[] shuffled(int[] hand, SplittableRandom random) {
        int[] order = hand.clone();
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        return order;
    }

    @Override
    public Task task() {
        return task;
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int devices() {
        return training.size();
    }

    @Override
    public List<Example> training(int device, int round) {
        int[] all = training.get(device);
        int now = Math.max(1, (int) Math.ceil(all.length * drift.window()));
        double way = drift.rounds() == 1 ? 0 : Math.min(1, (round - 1.0) / (drift.rounds() - 1));
        int from = (int) Math.round((all.length - now) * way);
        return examples(Arrays.copyOfRange(all, from, from + now));
    }

    @Override
    public List<Example> heldOut(int device) {
        return examples(heldOut.get(device));
    }

    @Override
    public List<Example> heldOut() {
        return heldOut.stream().flatMap(part -> examples(part).stream()).toList();
    }

    private List<Example> examples(int[] positions) {
        return Arrays.stream(positions).mapToObj(corpus.examples()::get).toList();
    }
}
