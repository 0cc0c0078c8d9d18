package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.InputLog;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.RoundReply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds on a log that does what a broken one would; what a good one does, RoundLifeContract tries. */
class LoggedInputsTest {
    @TempDir
    Path folder;

    private final BadLog log = new BadLog();
    private RoundWorld world;

    /** Forgets what it is given. */
    private static final class BadLog implements InputLog {
        private final List<Input> appended = new ArrayList<>();
        private boolean silent;
        private Closing whileAppending = () -> {};

        private interface Closing {
            void close() throws Exception;
        }

        @Override
        public void append(Input input) {
            appended.add(input);
            try {
                whileAppending.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Optional<List<Partial>> collect(String roundId, int shards) {
            List<Partial> nothing = IntStream.range(0, shards)
                    .mapToObj(number -> new Partial(new Shard(roundId, number), new TreeMap<>(), 0, ByteString.EMPTY))
                    .toList();
            return silent ? Optional.empty() : Optional.of(nothing);
        }

        @Override
        public void keepOnly(Set<String> openRounds) {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void allHaveShared() throws Exception {
        world = new RoundWorld(
                new MemoryStore(),
                folder,
                10,
                1,
                RoundWorld.Extras.NONE,
                7,
                (store, facts, clock) -> new LoggedInputs(log, store, facts, clock));
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
    }

    /** The closing may be before it in the log or after it: only the log knows. */
    @Test
    void anInputIsNotPromisedIfItsPhaseClosesWhileItIsAppended() throws Exception {
        log.silent = true;
        log.whileAppending =
                () -> assertThat(world.keeper.close(world.round(1).id())).isTrue();
        RoundReply reply = world.actors.getFirst().mask();
        assertThat(world.round(1).phase()).isEqualTo(Phase.COLLECTING);
        assertThat(reply.hasWait()).isTrue();
        world.keeper.tick();
        assertThat(world.store.devices(world.round(1).id(), Step.MASKED)).isEmpty();
    }

    @Test
    void nothingIsAppendedOnceThePhaseIsClosed() throws Exception {
        log.silent = true;
        MaskedInput input = world.actors.getFirst().masked();
        assertThat(world.keeper.close(world.round(1).id())).isTrue();
        Actor late = world.actors.getFirst();
        assertThat(late.mask(input).hasOver()).isTrue();
        assertThat(log.appended).isEmpty();
    }

    @Test
    void aLogThatIsSilentAbandonsTheRoundAtItsDeadline() throws Exception {
        log.silent = true;
        for (Actor actor : world.actors) {
            assertThat(actor.mask().hasReceived()).isTrue();
        }
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.COLLECTING);
        world.clock.advance(Duration.ofSeconds(59));
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.COLLECTING);
        world.clock.advance(Duration.ofSeconds(2));
        world.keeper.tick();
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.INPUTS_MISSING);
    }

    @Test
    void aLogThatLostWhatItHadTakenAbandonsTheRound() throws Exception {
        world.all(0, 10, Actor::mask);
        assertThat(log.appended).hasSize(10);
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.INPUTS_MISSING);
        assertThat(world.store.parts(world.actors.getFirst().device.id()))
                .as("paid for")
                .hasSize(1);
    }
}
