package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.round.RoundWorld.Extras;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.memory.MemoryStore;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds of five devices, several open at once; each device's update is a unit vector of its own. */
class BufferedRoundTest {
    private static final int COHORT = 5;
    private static final Offset<Float> ROUNDED = within(0.01f);

    @TempDir
    Path folder;

    private RoundWorld world(int rounds, String buffer) throws Exception {
        return new RoundWorld(new MemoryStore(), folder, 3 * COHORT, rounds, Extras.buffered(buffer));
    }

    /** Has the n-th five devices join the round that waits for some, and closes their cohort. */
    private static void join(RoundWorld world, int fifth) throws Exception {
        world.all(fifth * COHORT, (fifth + 1) * COHORT, Actor::advertise);
        world.keeper.close(world.actors.get(fifth * COHORT).roundId);
        world.keeper.tick();
    }

    private static void finish(RoundWorld world, int fifth) throws Exception {
        share(world, fifth);
        for (RoundWorld.Turn turn : new RoundWorld.Turn[] {Actor::mask, Actor::attest, Actor::unmask}) {
            world.all(fifth * COHORT, (fifth + 1) * COHORT, turn);
        }
    }

    private static void share(RoundWorld world, int fifth) throws Exception {
        world.all(fifth * COHORT, (fifth + 1) * COHORT, Actor::share);
    }

    private static StoredTask task(RoundWorld world) {
        return world.store.findTask(world.taskId).orElseThrow();
    }

    @Test
    void whoComesNextMakesAnotherCohortAndNoTwoWaitForDevicesAtOnce() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 2, \"openRounds\": 2, \"stalenessMax\": 1}");
        world.keeper.tick();
        assertThat(world.store.rounds(world.taskId)).hasSize(1);
        join(world, 0);
        assertThat(world.round(1).phase()).isEqualTo(Phase.SHARING);
        assertThat(world.round(2).phase()).isEqualTo(Phase.ADVERTISING);
        join(world, 1);
        assertThat(world.store.rounds(world.taskId))
                .as("as many as may be open")
                .hasSize(2);
    }

    /** Ten make a cohort, so that thirteen get an offer: who trains is waited for by nobody else. */
    @Test
    void aRoundThatIsOfferedToEnoughDoesNotKeepTheNextFromOpeningWhileTheyTrain() throws Exception {
        RoundWorld world = new RoundWorld(
                new MemoryStore(),
                folder,
                2 * COHORT,
                9,
                Extras.buffered("{\"sums\": 2, \"openRounds\": 3, \"stalenessMax\": 1}"));
        for (int i = 0; i < 12; i++) {
            assertThat(world.actors.get(i).terms().terms().getNumber()).isEqualTo(1);
            world.actors.add(world.actor("home"));
        }
        world.keeper.tick();
        assertThat(world.store.rounds(world.taskId)).as("one is missing").hasSize(1);
        assertThat(world.actors.get(12).terms().terms().getNumber()).isEqualTo(1);
        assertThat(world.actors.get(13).checkIn().hasAssignment()).isFalse();
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ADVERTISING);
        assertThat(world.actors.get(13).terms().terms().getNumber()).isEqualTo(2);
        world.all(0, 2 * COHORT, Actor::advertise);
        assertThat(world.round(1).phase()).isEqualTo(Phase.SHARING);
        world.keeper.tick();
        assertThat(world.store.rounds(world.taskId)).as("the second has room").hasSize(2);
    }

    @Test
    void sumsWaitUntilThereAreEnoughAndAreMergedInWhateverOrderTheyCame() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 2, \"openRounds\": 3, \"stalenessMax\": 1}");
        String before = task(world).candidateSha256();
        join(world, 0);
        join(world, 1);
        finish(world, 1);
        assertThat(world.round(2).resultSha256()).isEqualTo(before);
        assertThat(task(world).candidateSha256()).isEqualTo(before);
        assertThat(UpdateBuffer.of(task(world)).sums()).isEqualTo(1);
        assertThat(world.listed).isEmpty();
        finish(world, 0);
        assertThat(task(world).candidateSha256()).isEqualTo(world.round(1).resultSha256());
        assertThat(world.listed).containsExactly(1);
        assertThat(world.counts(world.round(1), 2 * COHORT).subList(0, 3 * COHORT))
                .containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0);
    }

    /** The second sum is stored while the first is on its way to the database. */
    @Test
    void ofTwoSumsThatArriveAtOnceBothAreCounted() throws Exception {
        List<Callable<?>> meanwhile = new ArrayList<>();
        RoundWorld world = new RoundWorld(
                storeThatFirst(meanwhile),
                folder,
                3 * COHORT,
                9,
                Extras.buffered("{\"sums\": 2, \"openRounds\": 3, \"stalenessMax\": 1}"));
        join(world, 0);
        join(world, 1);
        for (int fifth = 0; fifth < 2; fifth++) {
            share(world, fifth);
            world.all(fifth * COHORT, (fifth + 1) * COHORT, Actor::mask);
            world.all(fifth * COHORT, (fifth + 1) * COHORT, Actor::attest);
            world.all(fifth * COHORT, (fifth + 1) * COHORT - 1, Actor::unmask);
        }
        meanwhile.add(() -> world.actors.get(2 * COHORT - 1).unmask());
        world.actors.get(COHORT - 1).unmask();
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
        assertThat(world.round(2).phase()).isEqualTo(Phase.COMPLETED);
        world.keeper.tick();
        assertThat(world.counts(world.round(1), 2 * COHORT).subList(0, 2 * COHORT))
                .containsOnly(1);
    }

    /** Does what is to be done, once, before it completes a round. */
    private static Store storeThatFirst(List<Callable<?>> meanwhile) {
        MemoryStore store = new MemoryStore();
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("complete") && !meanwhile.isEmpty()) {
                        meanwhile.removeFirst().call();
                    }
                    return method.invoke(store, arguments);
                });
    }

    @Test
    void whatBeganOneMergeAgoCountsLessByTheRootOfTwo() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 1, \"openRounds\": 2, \"stalenessMax\": 1}");
        join(world, 0);
        join(world, 1);
        finish(world, 0);
        finish(world, 1);
        float[] result = world.result(2).toArray();
        assertThat(result[0]).isCloseTo(1f / COHORT, ROUNDED);
        assertThat(result[COHORT]).isCloseTo((float) (1 / Math.sqrt(2) / COHORT), ROUNDED);
    }

    @Test
    void aRoundThatIsTooStaleIsAbandonedBeforeItsDevicesSendAnything() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 1, \"openRounds\": 2, \"stalenessMax\": 0}");
        join(world, 0);
        join(world, 1);
        finish(world, 0);
        share(world, 1);
        assertThat(world.round(2).reason()).isEqualTo(AbortReason.TOO_STALE);
        assertThat(world.round(2).tally().masked()).isZero();
        assertThat(task(world).candidateSha256()).isEqualTo(world.round(1).resultSha256());
    }

    @Test
    void aSumThatBecameTooStaleAtTheVeryEndIsNotTaken() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 1, \"openRounds\": 2, \"stalenessMax\": 0}");
        join(world, 0);
        join(world, 1);
        share(world, 1);
        world.all(COHORT, 2 * COHORT, Actor::mask);
        world.all(COHORT, 2 * COHORT, Actor::attest);
        assertThat(world.round(2).phase()).isEqualTo(Phase.UNMASKING);
        finish(world, 0);
        world.all(COHORT, 2 * COHORT, Actor::unmask);
        assertThat(world.round(2).reason()).isEqualTo(AbortReason.TOO_STALE);
    }

    @Test
    void aDeviceIsInOneRoundOfATaskAtATime() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 2, \"openRounds\": 2, \"stalenessMax\": 1}");
        join(world, 0);
        assertThat(world.actors.get(0).checkIn().hasAssignment()).isFalse();
        assertThat(world.actors.get(COHORT).checkIn().hasAssignment()).isTrue();
        finish(world, 0);
        assertThat(world.actors.get(0).checkIn().hasAssignment()).isTrue();
    }

    @Test
    void aTaskEndsWhenItsRoundsAreUsedUpAndTheLastOfThemIsOver() throws Exception {
        RoundWorld world = world(2, "{\"sums\": 2, \"openRounds\": 3, \"stalenessMax\": 1}");
        join(world, 0);
        join(world, 1);
        assertThat(world.store.rounds(world.taskId)).hasSize(2);
        finish(world, 1);
        assertThat(task(world).state()).isEqualTo(StoredTask.State.OPEN);
        finish(world, 0);
        assertThat(task(world).state()).isEqualTo(StoredTask.State.COMPLETED);
    }

    @Test
    void whatIsLeftWhenTheLastRoundEndsIsMergedAndIsWhatARoundMade() throws Exception {
        RoundWorld world = world(3, "{\"sums\": 2, \"openRounds\": 3, \"stalenessMax\": 1}");
        join(world, 0);
        join(world, 1);
        join(world, 2);
        finish(world, 1);
        finish(world, 0);
        String before = task(world).candidateSha256();
        finish(world, 2);
        assertThat(task(world).state()).isEqualTo(StoredTask.State.COMPLETED);
        assertThat(UpdateBuffer.of(task(world)).sums()).isZero();
        assertThat(task(world).candidateSha256())
                .isEqualTo(world.round(3).resultSha256())
                .isNotEqualTo(before);
        assertThat(world.listed).containsExactly(1, 3);
        float[] result = world.result(3).toArray();
        assertThat(result[0]).as("two rounds' mean").isCloseTo(0.5f / COHORT, ROUNDED);
        assertThat(result[2 * COHORT]).isCloseTo((float) (1 / Math.sqrt(2) / COHORT), ROUNDED);
    }

    @Test
    void whatIsLeftIsMergedWhenTheLastRoundIsAbandonedToo() throws Exception {
        RoundWorld world = world(2, "{\"sums\": 2, \"openRounds\": 2, \"stalenessMax\": 1}");
        join(world, 0);
        join(world, 1);
        finish(world, 0);
        assertThat(UpdateBuffer.of(task(world)).sums()).isEqualTo(1);
        world.deadline();
        assertThat(world.round(2).reason()).isEqualTo(AbortReason.TOO_FEW_SHARED);
        assertOneRoundsDevicesCount(world);
        assertThat(task(world).state()).isEqualTo(StoredTask.State.COMPLETED);
    }

    @Test
    void whatIsLeftOfACancelledTaskIsMergedWhenNoRoundOfItGoesOn() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 3, \"openRounds\": 2, \"stalenessMax\": 1}");
        join(world, 0);
        join(world, 1);
        world.tasks.cancel(world.taskId);
        finish(world, 0);
        assertThat(UpdateBuffer.of(task(world)).sums()).as("another goes on").isEqualTo(1);
        world.deadline();
        assertOneRoundsDevicesCount(world);
        assertThat(task(world).state()).isEqualTo(StoredTask.State.CANCELLED);
    }

    @Test
    void whatWaitsOfAPausedTaskGoesOnWaiting() throws Exception {
        RoundWorld world = world(9, "{\"sums\": 3, \"openRounds\": 2, \"stalenessMax\": 1}");
        join(world, 0);
        join(world, 1);
        world.tasks.pause(world.taskId);
        finish(world, 0);
        finish(world, 1);
        world.keeper.tick();
        assertThat(world.store.openRounds()).isEmpty();
        assertThat(UpdateBuffer.of(task(world)).sums()).isEqualTo(2);
    }

    private static void assertOneRoundsDevicesCount(RoundWorld world) throws Exception {
        assertThat(UpdateBuffer.of(task(world)).sums()).isZero();
        assertThat(task(world).candidateSha256()).isEqualTo(world.round(1).resultSha256());
        assertThat(world.listed).containsExactly(1);
        assertThat(world.counts(world.round(1), COHORT).subList(0, 2 * COHORT))
                .containsExactly(1, 1, 1, 1, 1, 0, 0, 0, 0, 0);
    }
}
