package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.aggregator.guard.PackFigures;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round of metrics goes the way of any other, and what it tells is not lost. */
class MetricsRoundTest {
    @TempDir
    Path folder;

    private RoundWorld world;

    @BeforeEach
    void tenDevices() throws Exception {
        world = new RoundWorld(new MemoryStore(), folder, 10, 1, RoundWorld.Extras.METRICS);
    }

    @Test
    void figuresAreStoredWithTheRoundAndNoAdapterIsMade() throws Exception {
        untilUnmasked();
        world.all(0, 9, Actor::unmask);
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.listed).isEmpty();
        assertThat(world.told).hasSize(1);
        PackFigures told = world.told.getFirst();
        assertThat(told.packVersion()).isEqualTo(2);
        assertThat(told.cells()).hasSize(1);
        assertThat(told.cells().getFirst().tried()).isCloseTo(9, within(0.1));
        assertThat(told.cells().getFirst().wentBack()).isCloseTo(3, within(0.1));
        byte[] stored = world.blobs.read(world.round(1).resultSha256());
        assertThat(stored).isEqualTo(told.toJson());
        assertThat(new ObjectMapper()
                        .readTree(stored)
                        .at("/cells/0/deviceClass")
                        .asText())
                .isEqualTo("*");
        assertThat(world.store.messages(world.round(1).id(), Step.MASKED)).isEmpty();
        assertThat(world.store.findTask(world.taskId).orElseThrow().state()).isEqualTo(StoredTask.State.COMPLETED);
    }

    @Test
    void gainsOfPersonalAdaptersAreStoredAndHaltNothing() throws Exception {
        world.tasks.cancel(world.taskId);
        String id = world.tasks
                .copy(
                        world.taskId,
                        "{\"metrics\": {\"subject\": \"personal\", \"packVersion\": 0}}"
                                .getBytes(StandardCharsets.UTF_8))
                .orElseThrow()
                .id();
        world.keeper.tick();
        world.keeper.tick();
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 9, Actor::mask);
        world.deadline();
        world.all(0, 9, Actor::attest);
        world.all(0, 9, Actor::unmask);
        StoredRound round = world.store.rounds(id).getFirst();
        assertThat(round.phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.told).isEmpty();
        JsonNode others = new ObjectMapper()
                .readTree(world.blobs.read(round.resultSha256()))
                .at("/classes/0");
        assertThat(others.path("deviceClass").asText()).isEqualTo("*");
        assertThat(others.path("judged").asDouble()).as("two of nine have none").isCloseTo(7, within(0.1));
        assertThat(others.path("rightAfter").asDouble()).isCloseTo(7 * 0.75, within(0.1));
        assertThat(others.at("/gains/4").asDouble()).isCloseTo(7, within(0.1));
        assertThat(others.at("/gains/5").asDouble()).isZero();
    }

    /** The account at the aggregator is the same as for a round of training. */
    @Test
    void eachDeviceIsChargedForIt() throws Exception {
        untilUnmasked();
        assertThat(world.actors.get(0).checkIn().hasSpent()).isTrue();
        assertThat(world.actors.get(9).checkIn().hasSpent())
                .as("it sent nothing")
                .isFalse();
    }

    @Test
    void whatNothingCouldBeDoneAboutIsToldAgain() throws Exception {
        untilUnmasked();
        world.all(0, 8, Actor::unmask);
        world.deaf = true;
        assertThatThrownBy(world::deadline).isInstanceOf(IOException.class);
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
        world.deaf = false;
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.told).hasSize(2);
        assertThat(world.told.getLast()).isEqualTo(world.told.getFirst());
    }

    /** The last device is gone after its shares. */
    private void untilUnmasked() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 9, Actor::mask);
        world.deadline();
        world.all(0, 9, Actor::attest);
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
    }
}
