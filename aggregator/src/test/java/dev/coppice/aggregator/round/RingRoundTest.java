package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Poll;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round of so many devices that not all are neighbours of all: their graph is decided in a phase of its own. */
class RingRoundTest {
    @TempDir
    Path folder;

    /** Some of 40 devices decide the graph; the others wait, and are shown nothing before. */
    @Test
    void aRingIsDecidedBeforeAnybodyShares() throws Exception {
        RoundWorld world = new RoundWorld(new MemoryStore(), folder, 40, 2);
        world.all(0, 40, Actor::advertise);
        assertThat(world.round(1).phase()).isEqualTo(Phase.OPENING);
        List<Actor> asked = new ArrayList<>();
        for (Actor actor : world.actors) {
            if (actor.poll(Poll.Step.ROSTER).hasClosed()) {
                asked.add(actor);
            } else {
                assertThat(actor.poll(Poll.Step.ROSTER).hasWait()).isTrue();
            }
        }
        assertThat(asked).hasSize(24);
        NonceOpening own = asked.get(0).opening();
        assertThatThrownBy(() -> world.intake.open(asked.get(1).device, asked.get(1).roundId, own))
                .isInstanceOf(RequestRefusedException.class);
        for (Actor actor : asked) {
            assertThat(world.round(1).phase()).isEqualTo(Phase.OPENING);
            world.intake.open(actor.device, actor.roundId, actor.opening());
            assertThat(actor.poll(Poll.Step.ROSTER).hasClosed()).isFalse();
        }
        assertThat(world.round(1).phase()).isEqualTo(Phase.SHARING);
        world.all(0, 40, Actor::share);
        world.all(0, 40, Actor::mask);
        world.all(0, 40, Actor::attest);
        world.all(0, 40, Actor::unmask);
        assertThat(world.counts(world.round(1))).containsOnly(1).hasSize(40);
    }

    @Test
    void tooFewNoncesAbandonTheRound() throws Exception {
        RoundWorld world = new RoundWorld(new MemoryStore(), folder, 40, 2);
        world.all(0, 40, Actor::advertise);
        int opened = 0;
        for (Actor actor : world.actors) {
            if (opened < 19 && actor.poll(Poll.Step.ROSTER).hasClosed()) {
                world.intake.open(actor.device, actor.roundId, actor.opening());
                opened++;
            }
        }
        world.deadline();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ABORTED);
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.TOO_FEW_OPENED);
    }
}
