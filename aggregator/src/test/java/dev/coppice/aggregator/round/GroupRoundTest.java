package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RosterEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds of three groups of eight, of which two may drop out of each: a group fails by itself. */
class GroupRoundTest {
    private static final int DEVICES = 24;

    @TempDir
    Path folder;

    private RoundWorld world;
    private List<Actor> first = List.of();
    private List<Actor> others = List.of();

    @BeforeEach
    void advertiseAndOpen() throws Exception {
        world = new RoundWorld(new MemoryStore(), folder, DEVICES, 2, new RoundWorld.Extras("null", "null", "8"));
        world.all(0, DEVICES, Actor::advertise);
        for (Actor actor : world.actors) {
            world.intake.open(actor.device, actor.roundId, actor.opening());
        }
        assertThat(world.round(1).phase()).isEqualTo(Phase.SHARING);
        first = group(world.actors.get(0));
        others = world.actors.stream().filter(actor -> !first.contains(actor)).toList();
        assertThat(first).hasSize(8);
        world.all(0, DEVICES, Actor::share);
    }

    /** All of a group are neighbours. */
    private List<Actor> group(Actor member) throws Exception {
        Set<String> ids = new HashSet<>(Set.of(member.device.id()));
        for (RosterEntry entry : member.poll(Poll.Step.ROSTER).getRoster().getNeighboursList()) {
            ids.add(DeviceCertificate.parseFrom(
                            entry.getAdvertisement().getCertificate().getPayload())
                    .getDeviceId());
        }
        return world.actors.stream()
                .filter(actor -> ids.contains(actor.device.id()))
                .toList();
    }

    private void all(List<Actor> actors, RoundWorld.Turn turn) throws Exception {
        for (Actor actor : actors) {
            turn.of(actor);
        }
    }

    private void assertOthersAlone() throws Exception {
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        List<Integer> expected = new ArrayList<>();
        world.actors.forEach(actor -> expected.add(others.contains(actor) ? 1 : 0));
        assertThat(world.counts(world.round(1), others.size())).isEqualTo(expected);
    }

    private void assertToldThatItsGroupIsAbandoned(Actor actor, Poll.Step awaited) throws Exception {
        assertThat(actor.poll(awaited).getOver().getCode()).isEqualTo(Over.Code.ABORTED);
    }

    @Test
    void theSumsOfAllGroupsAreMergedTogether() throws Exception {
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        world.all(0, DEVICES, Actor::unmask);
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.counts(world.round(1))).containsOnly(1).hasSize(DEVICES);
    }

    /** The round does not wait for the others of the group, and tells them. */
    @Test
    void aGroupThatLosesTooManyBeforeTheirInputsIsLeftOut() throws Exception {
        all(others, Actor::mask);
        all(first.subList(3, 8), Actor::mask);
        world.deadline();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ATTESTING);
        assertToldThatItsGroupIsAbandoned(first.get(5), Poll.Step.SURVIVORS);
        all(others, Actor::attest);
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
        all(others, Actor::unmask);
        assertOthersAlone();
    }

    @Test
    void aGroupThatLosesTooManyBeforeTheirAttestationsIsLeftOut() throws Exception {
        world.all(0, DEVICES, Actor::mask);
        all(others, Actor::attest);
        all(first.subList(4, 8), Actor::attest);
        world.deadline();
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
        assertToldThatItsGroupIsAbandoned(first.get(5), Poll.Step.ATTESTATIONS);
        all(others, Actor::unmask);
        assertOthersAlone();
    }

    @Test
    void aGroupThatDoesNotUnmaskIsLeftOut() throws Exception {
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        all(others, Actor::unmask);
        all(first.subList(0, 3), Actor::unmask);
        world.deadline();
        assertOthersAlone();
    }

    /** Defence: {@code SumDecoder.isPlausible}. */
    @Test
    void aGroupWhoseSumNoHonestDevicesCouldMakeIsLeftOut() throws Exception {
        first.get(2).overflowing = true;
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        world.all(0, DEVICES, Actor::unmask);
        assertOthersAlone();
    }

    @Test
    void aRoundOfNoneButSuchSumsIsAbandoned() throws Exception {
        world.actors.forEach(actor -> actor.overflowing = true);
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        world.all(0, DEVICES, Actor::unmask);
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.SUM_IMPLAUSIBLE);
        assertThat(world.round(2).phase()).isEqualTo(Phase.ADVERTISING);
    }
}
