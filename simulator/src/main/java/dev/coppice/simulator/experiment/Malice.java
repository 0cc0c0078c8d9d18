package dev.coppice.simulator.experiment;

import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.extension.Attack;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** The malicious devices of a run. They are the same in all rounds, and share what they know. */
final class Malice {
    private static final double SCALED_NORM_MAX = 1 << 30;

    private final Adversary adversary;
    private final Population population;
    private final int cohortMax;
    private final SeededRandomSource random;
    private final Set<Integer> bad;

    Malice(Adversary adversary, Population population, int cohortMax, SeededRandomSource random) {
        this.adversary = adversary;
        this.population = population;
        this.cohortMax = cohortMax;
        this.random = random.fork("malice");
        List<Integer> all =
                IntStream.range(0, population.people().size()).boxed().toList();
        this.bad = new HashSet<>(
                new Dice(this.random).shuffled(all).subList(0, (int) Math.round(adversary.share() * all.size())));
    }

    boolean doesNotClip(int device) {
        return bad.contains(device) && !adversary.attack().clips();
    }

    /** Held-out texts as the attacker wants them answered. */
    List<Example> goal() {
        List<Example> heldOut = population.people().stream()
                .flatMap(person -> person.test().stream())
                .toList();
        return adversary
                .attack()
                .goal(heldOut, view(0, 0, 0), random.fork("goal").splittable());
    }

    /** One round. */
    Scene scene(int round, RoundTerms terms, List<Integer> cohort) {
        int attackers = (int) cohort.stream().filter(bad::contains).count();
        return new Scene(round, cohort, view(round, terms.getEncoding().getClipNorm(), attackers));
    }

    private Attack.View view(int round, double clipNorm, int attackers) {
        return new Attack.View(adversary.parameters(), population.labels(), round, clipNorm, attackers, cohortMax);
    }

    /** The parameters by which a device encodes that does not clip: the same scale, and room for this update. */
    static EncodingParameters unclipped(EncodingParameters honest, float[] update) {
        double squares = 0;
        for (float value : update) {
            squares += (double) value * value;
        }
        double most = SCALED_NORM_MAX / honest.scale() * (1 - 1e-9);
        return new EncodingParameters(
                honest.dimension(),
                Math.min(most, Math.max(honest.clipNorm(), Math.sqrt(squares) * (1 + 1e-9))),
                honest.scale(),
                honest.bits(),
                honest.rotationSeed(),
                honest.noiseSigma(),
                honest.indicator());
    }

    /** What the malicious devices of one round do. */
    final class Scene {
        private final int round;
        private final List<Integer> cohort;
        private final Attack.View view;

        private Scene(int round, List<Integer> cohort, Attack.View view) {
            this.round = round;
            this.cohort = cohort;
            this.view = view;
        }

        boolean trains(int device) {
            return !bad.contains(device) || adversary.attack().trains();
        }

        List<Example> examples(int device, List<Example> own) {
            return bad.contains(device)
                    ? adversary
                            .attack()
                            .examples(
                                    own,
                                    view,
                                    random.fork("examples " + round + " " + device)
                                            .splittable())
                    : own;
        }

        /** Updates in the cohort's order, with those of malicious devices as they hand them in. */
        List<float[]> crafted(List<float[]> updates) {
            List<float[]> known = new ArrayList<>();
            for (int i = 0; i < updates.size(); i++) {
                if (bad.contains(cohort.get(i))) {
                    known.add(updates.get(i));
                }
            }
            List<float[]> crafted = new ArrayList<>();
            for (int i = 0; i < updates.size(); i++) {
                int device = cohort.get(i);
                crafted.add(
                        bad.contains(device)
                                ? adversary
                                        .attack()
                                        .update(
                                                updates.get(i).clone(),
                                                known,
                                                view,
                                                random.fork("update " + round + " " + device)
                                                        .splittable())
                                : updates.get(i));
            }
            return crafted;
        }
    }
}
