package dev.coppice.simulator.fleet;

import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.adapters.text.Example;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.extension.Attack;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.world.SeededRandomSource;
import java.util.List;
import java.util.SplittableRandom;

/** The malicious devices' side of a run: an attack, with what it sees in one round. */
final class Malice {
    private final FleetSettings.Adversary adversary;
    private final Attack attack;
    private final FleetSettings settings;
    private final FleetMaterial material;
    private final SeededRandomSource random;

    Malice(
            FleetSettings.Adversary adversary,
            FleetSettings settings,
            FleetMaterial material,
            SeededRandomSource random) {
        this.adversary = adversary;
        this.settings = settings;
        this.material = material;
        this.random = random;
        attack = Extensions.named(Attack.class, "attack", adversary.attack().name());
    }

    boolean trains() {
        return attack.trains();
    }

    boolean clips() {
        return attack.clips();
    }

    Attack.View view(int round, double clipNorm, int attackers) {
        return new Attack.View(
                adversary.attack().parameters(),
                material.data().labels(),
                round,
                clipNorm,
                attackers,
                settings.task().path("cohort").path("max").asInt());
    }

    List<Example> examples(Guest guest, List<Example> own, Attack.View view) {
        return attack.examples(own, view, guest.random().fork("attack/examples").splittable());
    }

    float[] update(Guest guest, float[] own, List<float[]> all, Attack.View view) {
        SplittableRandom draws = guest.random().fork("attack/update").splittable();
        return attack.update(own.clone(), all, view, draws);
    }

    /** What a device that does not train begins with. */
    float[] zeros(RoundTerms terms) {
        return new float
                [AdapterPart.of(
                                material.kit().layout(),
                                FactorTerms.factors(terms.getTraining().getUploaded()))
                        .layout()
                        .count()];
    }

    List<Example> goal(List<Example> heldOut, int round) {
        return attack.goal(
                heldOut, view(round, 0, 0), random.fork("attack/goal").splittable());
    }
}
