package dev.coppice.simulator.audit;

import dev.coppice.crypto.privacy.audit.CosineAudit;
import dev.coppice.crypto.privacy.audit.OneRunAudit;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Plays rounds and attacks them. Each honest device, or one of each cohort, has a canary, a direction of its own, and flips
 * one coin: heads, and its update is that canary, far longer than the clip norm, in every round; tails, and what it puts
 * into the sum is zeros. That is exactly the difference which the claim is about. Whoever knows the canaries then looks for them in what the server released.
 *
 * <p>The same seed plays the same audit. Use on one thread.
 */
public final class PrivacyAudit {
    /** Canaries are so many clip norms long: a device that did not clip would stand out. */
    private static final double CANARY_NORM = 10 * AuditedFleet.CLIP_NORM;

    /** For each device's canary so many that nobody has, so that it is well known what absence looks like. */
    private static final int HELD_OUT = 4;

    private final AuditSettings settings;
    private final SeededRandomSource random;
    private final Habits habits;

    private final MaskWatch masks = new MaskWatch();
    private final List<double[]> scores = new ArrayList<>();
    private final List<double[]> heldOut = new ArrayList<>();
    private final BitSet inserted = new BitSet();
    private double claimedEpsilon;

    private PrivacyAudit(AuditSettings settings, long seed, Habits habits) {
        this.settings = settings;
        this.habits = habits;
        random = SeededRandomSource.of(seed).fork("audit");
    }

    /**
     * Plays all rounds, some tens of milliseconds of CPU time for each device in each.
     *
     * @throws RoundFailedException if a round comes to no sum
     */
    public static AuditReport run(AuditSettings settings, long seed) throws RoundFailedException {
        return run(settings, seed, Habits.HONEST);
    }

    static AuditReport run(AuditSettings settings, long seed, Habits habits) throws RoundFailedException {
        return new PrivacyAudit(settings, seed, habits).run();
    }

    private AuditReport run() throws RoundFailedException {
        for (int population = 0; population < settings.populations(); population++) {
            play(population, random.fork("population/" + population));
        }
        double[] all = joined(scores);
        double[] in = inserted.stream().mapToDouble(i -> all[i]).toArray();
        DoubleStream absent =
                IntStream.range(0, all.length).filter(i -> !inserted.get(i)).mapToDouble(i -> all[i]);
        double[] out =
                DoubleStream.concat(absent, Arrays.stream(joined(heldOut))).toArray();
        return new AuditReport(
                settings,
                claimedEpsilon,
                OneRunAudit.of(all, inserted, all.length / 4 * 2), // half of them: the others are too near to call
                new CosineAudit(CosineAudit.Sample.of(in), CosineAudit.Sample.of(out)),
                masks.tests(),
                masks.pValue());
    }

    private void play(int population, SeededRandomSource random) throws RoundFailedException {
        int canaried = settings.canaries();
        Canaries canaries = new Canaries(random, settings.dimension());
        Dice coins = new Dice(random.fork("coins"));
        List<Optional<float[]>> updates = new ArrayList<>();
        for (int i = 0; i < settings.honest(); i++) {
            boolean heads = i < canaried && coins.below(2) == 1;
            if (heads) {
                inserted.set(population * canaried + i);
            }
            updates.add(heads ? Optional.of(canaries.canary(i, CANARY_NORM)) : Optional.empty());
        }
        AuditedFleet fleet = new AuditedFleet(settings, random, habits);
        double[] released = new double[settings.dimension() + (settings.count() ? 1 : 0)];
        double indicator = 0;
        for (int number = 1; number <= settings.goal().participations(); number++) {
            Seen round = fleet.play(number, updates);
            masks.look(round);
            claimedEpsilon = Math.max(claimedEpsilon, round.plan().epsilon());
            round.addReleasedTo(released);
            indicator = round.plan().encoding().indicator();
        }
        scores.add(cosines(canaries, 0, canaried, released, indicator));
        // Where there is a count, a canary that nobody has would share it with the one that somebody may have.
        int absent = settings.count() ? 0 : canaried * HELD_OUT;
        heldOut.add(cosines(canaries, canaried, canaried + absent, released, indicator));
    }

    private static double[] cosines(Canaries canaries, int from, int to, double[] released, double indicator) {
        return IntStream.range(from, to)
                .mapToDouble(number -> canaries.cosine(number, released, AuditedFleet.CLIP_NORM, indicator))
                .toArray();
    }

    private static double[] joined(List<double[]> parts) {
        return parts.stream().flatMapToDouble(Arrays::stream).toArray();
    }
}
