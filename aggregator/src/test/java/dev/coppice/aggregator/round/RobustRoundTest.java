package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.round.RoundWorld.Extras;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.memory.MemoryStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds of three groups of eight, each device's update a unit vector of its own. */
class RobustRoundTest {
    private static final int DEVICES = 24;

    @TempDir
    Path folder;

    private RoundWorld round(String robustMerge, boolean spoilt) throws Exception {
        RoundWorld world = new RoundWorld(new MemoryStore(), folder, DEVICES, 2, Extras.robust("8", robustMerge));
        world.all(0, DEVICES, Actor::advertise);
        for (Actor actor : world.actors) {
            world.intake.open(actor.device, actor.roundId, actor.opening());
        }
        world.all(0, DEVICES, Actor::share);
        world.actors.get(0).overflowing = spoilt;
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        world.all(0, DEVICES, Actor::unmask);
        return world;
    }

    @Test
    void whatOneGroupAloneHasIsNoMedian() throws Exception {
        RoundWorld world = round("{\"kind\": \"median\"}", false);
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.result(1).toArray()).containsOnly(0);
    }

    @Test
    void groupsAreOfTheirDevicesMeansAndEqualOnesPassTheNormCheck() throws Exception {
        RoundWorld world = round("{\"kind\": \"norm-check\"}", false);
        assertThat(world.counts(world.round(1))).containsOnly(1).hasSize(DEVICES);
    }

    @Test
    void aRoundOfTooFewSumsToCompareIsAbandoned() throws Exception {
        RoundWorld world = round("{\"kind\": \"norm-check\"}", true);
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.TOO_FEW_GROUPS);
        assertThat(world.round(2).phase()).isEqualTo(Phase.ADVERTISING);
    }
}
