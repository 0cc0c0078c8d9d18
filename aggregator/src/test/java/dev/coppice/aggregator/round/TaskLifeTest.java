package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.FleetStore.FleetPart;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask.State;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.ExampleCount;
import dev.coppice.protocol.round.RoundTerms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When rounds of a task open, and to whom they are offered. */
class TaskLifeTest {
    @TempDir
    Path folder;

    private RoundWorld world;

    @BeforeEach
    void fourteenDevices() throws Exception {
        world = new RoundWorld(new MemoryStore(), folder.resolve("blobs"), 14, 3);
    }

    /** In place of the world's own task, one like it with changes; its id. */
    private String only(String changes) throws Exception {
        assertThat(world.tasks.cancel(world.taskId)).isPresent();
        String id = another(changes);
        world.keeper.tick();
        world.keeper.tick();
        return id;
    }

    private String another(String changes) throws Exception {
        return world.tasks
                .copy(world.taskId, changes.getBytes(StandardCharsets.UTF_8))
                .orElseThrow()
                .id();
    }

    private List<StoredRound> rounds(String taskId) {
        return world.store.rounds(taskId);
    }

    private State state(String taskId) {
        return world.store.findTask(taskId).orElseThrow().state();
    }

    private void pass(Duration time) throws Exception {
        world.clock.advance(time);
        world.keeper.tick();
        world.keeper.tick();
    }

    @Test
    void roundsOpenFromTheStartToTheEndAndNoOftenerThanTheIntervalSays() throws Exception {
        Instant now = world.clock.instant();
        String id = only("""
                {"schedule": {"start": "%s", "end": "%s", "intervalSeconds": 3600}, "rounds": 9}""".formatted(now.plusSeconds(60), now.plusSeconds(7200)));
        assertThat(rounds(id)).isEmpty();
        CheckInReply early = world.actors.get(0).checkIn();
        assertThat(early.getComeBack().getAfterMillis()).isBetween(60_000, 360_000);
        pass(Duration.ofSeconds(59));
        assertThat(rounds(id)).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(rounds(id)).hasSize(1);
        world.all(0, 4, Actor::advertise);
        pass(RoundWorld.PHASE);
        assertThat(rounds(id).getFirst().phase()).isEqualTo(Phase.ABORTED);
        assertThat(rounds(id)).as("the second waits for its time").hasSize(1);
        pass(Duration.ofHours(1).minus(RoundWorld.PHASE).minusMillis(1));
        assertThat(rounds(id)).hasSize(1);
        pass(Duration.ofMillis(1));
        assertThat(rounds(id)).hasSize(2);
        pass(Duration.ofHours(1).minusSeconds(61));
        assertThat(state(id)).isEqualTo(State.OPEN);
        pass(Duration.ofSeconds(1));
        assertThat(state(id)).isEqualTo(State.COMPLETED);
        assertThat(rounds(id).getLast().reason()).isEqualTo(AbortReason.TASK_OVER);
    }

    @Test
    void roundsADayAreSpreadOverTheDay() throws Exception {
        String id = only("{\"schedule\": {\"roundsPerDay\": 4}}");
        world.all(0, 4, Actor::advertise);
        pass(RoundWorld.PHASE);
        pass(Duration.ofHours(6).minus(RoundWorld.PHASE).minusMillis(1));
        assertThat(rounds(id)).hasSize(1);
        pass(Duration.ofMillis(1));
        assertThat(rounds(id)).hasSize(2);
    }

    @Test
    void aPausedTaskOpensNothingAndOffersNothingUntilItIsResumed() throws Exception {
        world.tasks.pause(world.taskId);
        assertThat(world.actors.get(0).checkIn().hasComeBack())
                .as("nobody has joined")
                .isTrue();
        pass(Duration.ofDays(1));
        assertThat(world.round(1).phase()).as("and nothing was spent").isEqualTo(Phase.ADVERTISING);
        world.tasks.resume(world.taskId);
        world.actors.get(0).advertise();
        world.tasks.pause(world.taskId);
        world.all(1, 4, Actor::advertise); // who has joined is not left alone
        pass(RoundWorld.PHASE);
        assertThat(world.round(1).phase()).isEqualTo(Phase.ABORTED);
        pass(Duration.ofDays(1));
        assertThat(rounds(world.taskId)).hasSize(1);
        world.tasks.resume(world.taskId);
        pass(Duration.ZERO);
        assertThat(rounds(world.taskId)).hasSize(2);
    }

    @Test
    void aCancelledTaskEndsWithoutHarmToARoundThatDevicesHaveJoined() throws Exception {
        String empty = another("{}");
        world.keeper.tick();
        world.actors.get(0).advertise();
        world.tasks.cancel(world.taskId);
        world.tasks.cancel(empty);
        pass(Duration.ZERO);
        boolean joinedFirst = world.round(1).tally().advertised() == 1;
        StoredRound joined = joinedFirst ? world.round(1) : rounds(empty).getFirst();
        StoredRound other = joinedFirst ? rounds(empty).getFirst() : world.round(1);
        assertThat(joined.phase()).isEqualTo(Phase.ADVERTISING);
        assertThat(other.reason()).isEqualTo(AbortReason.TASK_OVER);
        world.all(1, 10, Actor::advertise);
        assertThat(world.store.findRound(joined.id()).orElseThrow().tally().advertised())
                .isEqualTo(10);
        assertThatThrownBy(() -> world.tasks.resume(world.taskId))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining("cancelled");
        assertThatThrownBy(() -> world.tasks.pause(world.taskId)).isInstanceOf(TaskRefusedException.class);
        assertThat(world.tasks.cancel(world.taskId)).as("once more").isPresent();
        assertThat(world.tasks.pause("t-none")).isEmpty();
    }

    @Test
    void severalTasksShareDevicesByTheirWeights() throws Exception {
        String heavy = another("{\"weight\": 3, \"overSelection\": 10, \"cohort\": {\"max\": 100}}");
        String light = another("{\"weight\": 1, \"overSelection\": 10, \"cohort\": {\"max\": 100}}");
        world.tasks.cancel(world.taskId);
        pass(Duration.ZERO);
        int heavier = 0;
        for (int i = 0; i < 400; i++) {
            heavier += taskOf(world.actors.get(0).checkIn()).equals(heavy) ? 1 : 0;
        }
        assertThat(heavier).as("of 400").isCloseTo(300, within(52)); // six deviations
        world.tasks.pause(heavy);
        assertThat(taskOf(world.actors.get(0).checkIn())).isEqualTo(light);
    }

    private static String taskOf(CheckInReply reply) throws Exception {
        return RoundTerms.parseFrom(reply.getAssignment().getTerms().getPayload())
                .getTaskId();
    }

    /** Ten are wanted, so thirteen get an offer; once some have joined or let theirs go by, others do. */
    @Test
    void moreDevicesAreAskedThanAreNeededAndNoMore() throws Exception {
        String id = only("{\"cohort\": {\"max\": 10}}");
        for (int i = 0; i < 13; i++) {
            assertThat(world.actors.get(i).checkIn().hasAssignment())
                    .as("device %d", i)
                    .isTrue();
        }
        assertThat(world.actors.get(13).checkIn().hasComeBack()).isTrue();
        assertThat(world.actors.get(0).checkIn().hasAssignment())
                .as("asks again")
                .isTrue();
        world.all(0, 5, Actor::advertise);
        assertThat(world.actors.get(13).checkIn().hasComeBack())
                .as("five are missing, and eight may come")
                .isTrue();
        world.clock.advance(RoundWorld.PHASE.minusMillis(1));
        world.all(0, 0, Actor::advertise);
        assertThat(rounds(id).getFirst().tally().advertised()).isEqualTo(5);
        world.clock.advance(Duration.ofMillis(2));
        assertThat(world.actors.get(13).checkIn().hasAssignment())
                .as("the eight have let it go by")
                .isTrue();
    }

    @Test
    void roundsAreOfferedToDevicesOfTheKindThatIsAskedFor() throws Exception {
        only("""
                {"eligibility": {"agentVersionMin": "1.2", "deviceClasses": ["phone"]}, "examplesMin": 20}""");
        assertThat(offered(says -> says)).isTrue();
        assertThat(offered(says -> says.setAgentVersion(1001))).isFalse();
        assertThat(offered(CheckIn.Builder::clearAgentVersion)).isFalse();
        assertThat(offered(says -> says.setAgentVersion(2000))).isTrue();
        assertThat(offered(says -> says.setDeviceClass("tablet"))).isFalse();
        assertThat(offered(CheckIn.Builder::clearDeviceClass)).isFalse();
        assertThat(offered(says -> says.setExamples(ExampleCount.FROM_4))).isFalse();
        assertThat(offered(says -> says.setExamples(ExampleCount.FROM_16)))
                .as("it may be 20, which it knows better")
                .isTrue();
        assertThat(offered(CheckIn.Builder::clearExamples)).isTrue();
        assertThat(offered(says -> says.setSkill("other"))).isFalse();
        assertThat(offered(CheckIn.Builder::clearSkill)).isTrue();
    }

    @Test
    void whatIsNoNameOfAClassIsCountedAsNone() throws Exception {
        world.actors.get(0).checkIn(says -> says.setDeviceClass("x".repeat(200)));
        world.actors.get(1).checkIn(says -> says.setDeviceClass("<b>"));
        world.actors.get(2).checkIn(says -> says.setExamplesValue(99).setAgentVersion(-1));
        assertThat(world.store.fleet(Instant.EPOCH))
                .extracting(FleetPart::deviceClass)
                .containsOnly("");
    }

    private boolean offered(UnaryOperator<CheckIn.Builder> but) throws Exception {
        CheckInReply reply = world.actors
                .get(0)
                .checkIn(says -> but.apply(says.setSkill("s")
                        .setAgentVersion(1002)
                        .setDeviceClass("phone")
                        .setExamples(ExampleCount.FROM_64)));
        return reply.hasAssignment();
    }

    @Test
    void aDeviceThatTookPartIsLeftAloneForAsLongAsTheTaskSays() throws Exception {
        String id = only("{\"eligibility\": {\"separationSeconds\": 600}, \"cohort\": {\"max\": 10}}");
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 9, Actor::mask);
        pass(RoundWorld.PHASE);
        pass(RoundWorld.PHASE);
        assertThat(rounds(id)).hasSize(2);
        Actor took = world.actors.get(0);
        assertThat(world.actors.get(9).checkIn().hasAssignment())
                .as("it sent nothing")
                .isTrue();
        int wait = took.checkIn().getComeBack().getAfterMillis();
        assertThat(wait).isBetween(580_000 + 60_000, 580_000 + 300_000);
        world.clock.advance(Duration.ofSeconds(580).minusMillis(1));
        assertThat(took.checkIn().hasAssignment()).isFalse();
        world.clock.advance(Duration.ofMillis(1));
        assertThat(took.checkIn().hasAssignment()).isTrue();
    }

    @Test
    void devicesComeBackInHoursWhereThereIsNothingToDo() throws Exception {
        world.tasks.pause(world.taskId);
        List<Integer> waits = IntStream.range(0, 14)
                .map(i -> {
                    try {
                        return world.actors.get(i).checkIn().getComeBack().getAfterMillis();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .boxed()
                .toList();
        assertThat(waits).allSatisfy(wait -> assertThat(wait).isBetween(3_600_000, 3 * 3_600_000));
        assertThat(waits).doesNotHaveDuplicates();
    }
}
