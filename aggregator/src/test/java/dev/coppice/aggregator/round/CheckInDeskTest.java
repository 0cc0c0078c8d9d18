package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.HaltStore;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.TrainingHalt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signed check-in that somebody recorded is worth nothing: it counts once, and while it is fresh. */
class CheckInDeskTest {
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final Duration TICK = Duration.ofMillis(1);

    @TempDir
    Path folder;

    private RoundWorld world;
    private Device device;

    @BeforeEach
    void oneDevice() throws Exception {
        world = new RoundWorld(new MemoryStore(), folder.resolve("blobs"), 1, 1);
        device = world.actors.get(0).device;
    }

    @Test
    void aCheckInIsFreshForFiveMinutesEitherWay() throws Exception {
        long now = world.clock.instant().toEpochMilli();
        assertTaken(sent(now - FRESH.toMillis(), 1));
        assertTaken(sent(now + FRESH.toMillis(), 2));
        assertClockOff(sent(now - FRESH.toMillis() - 1, 3));
        assertClockOff(sent(now + FRESH.toMillis() + 1, 4));
        assertClockOff(sent(Long.MIN_VALUE, 5));
        assertClockOff(sent(Long.MAX_VALUE, 6));
    }

    /** One from a clock that is five minutes ahead stays fresh for ten. */
    @Test
    void aCheckInCountsOnceForAsLongAsItIsFresh() throws Exception {
        CheckIn ahead = sent(world.clock.instant().plus(FRESH).toEpochMilli(), 1);
        assertTaken(ahead);
        assertRefused(Kind.CONFLICT, ahead);
        world.clock.advance(FRESH.multipliedBy(2));
        world.checkIns.forgetOldNonces();
        assertRefused(Kind.CONFLICT, ahead);
        world.clock.advance(TICK);
        assertClockOff(ahead);
    }

    @Test
    void aCheckInThatIsNotFreshUsesNoNonceUp() throws Exception {
        long now = world.clock.instant().toEpochMilli();
        assertClockOff(sent(now - FRESH.toMillis() - 1, 1));
        assertTaken(sent(now, 1));
    }

    @Test
    void aNonceHasSixteenBytes() {
        long now = world.clock.instant().toEpochMilli();
        for (int bytes : new int[] {0, 15, 17}) {
            CheckIn other = sent(now, 1).toBuilder()
                    .setNonce(ByteString.copyFrom(new byte[bytes]))
                    .build();
            assertRefused(Kind.MALFORMED, other);
        }
    }

    @Test
    void aHaltedPopulationIsToldSoInSignedWordsAndGetsNoWork() throws Exception {
        long now = world.clock.instant().toEpochMilli();
        assertThat(world.checkIns.checkIn(device, sent(now, 1)).hasHalt()).isFalse();
        HaltDesk desk = new HaltDesk(world.store, world.server);
        desk.decide("home", true, "x".repeat(2 * HaltDesk.BECAUSE_MAX));
        desk.decide("home", true, "again");
        assertThat(desk.find("home").orElseThrow().because()).isEqualTo("x".repeat(HaltDesk.BECAUSE_MAX));
        CheckInReply halted = world.checkIns.checkIn(device, sent(now, 2));
        assertThat(halted.hasComeBack()).isTrue();
        assertThat(order(halted))
                .isEqualTo(TrainingHalt.newBuilder()
                        .setPopulation("home")
                        .setSequence(1)
                        .setHalted(true)
                        .build());
        desk.decide("others", true, "not these");
        desk.decide("home", false, "mended");
        CheckInReply lifted = world.checkIns.checkIn(device, sent(now, 3));
        assertThat(lifted.hasAssignment()).isTrue();
        assertThat(order(lifted).getSequence()).isEqualTo(2);
        assertThat(order(lifted).getHalted()).isFalse();
    }

    /** Two operators at once: what was decided last is what holds, whoever's word came in between. */
    @Test
    void aHaltThatOthersOvertookIsDecidedAgain() {
        HaltStore overtaken = new HaltStore() {
            private boolean isOvertaken;

            @Override
            public Optional<StoredHalt> findHalt(String population) {
                return world.store.findHalt(population);
            }

            @Override
            public boolean putHalt(StoredHalt next) {
                if (!isOvertaken) {
                    isOvertaken = true;
                    world.store.putHalt(new StoredHalt("home", 1, true, "another"));
                    world.store.putHalt(new StoredHalt("home", 2, false, "another"));
                }
                return world.store.putHalt(next);
            }
        };
        new HaltDesk(overtaken, world.server).decide("home", true, "mine");
        assertThat(world.store.findHalt("home")).contains(new HaltStore.StoredHalt("home", 3, true, "mine"));
    }

    private TrainingHalt order(CheckInReply reply) throws Exception {
        return TrainingHalt.parseFrom(
                SignedMessages.verified(reply.getHalt(), world.server.verifyingKey(), Purpose.TRAINING_HALT));
    }

    private void assertClockOff(CheckIn checkIn) throws Exception {
        CheckInReply reply = world.checkIns.checkIn(device, checkIn);
        assertThat(reply.getClockOff().getServerEpochMillis())
                .isEqualTo(world.clock.instant().toEpochMilli());
        assertThat(reply.hasAssignment()).isFalse();
    }

    private static CheckIn sent(long epochMillis, int nonce) {
        byte[] bytes = new byte[16];
        bytes[15] = (byte) nonce;
        return CheckIn.newBuilder()
                .setPopulation("home")
                .setBaseModelSha256("ab".repeat(32))
                .setSentEpochMillis(epochMillis)
                .setNonce(ByteString.copyFrom(bytes))
                .build();
    }

    private void assertTaken(CheckIn checkIn) throws Exception {
        assertThat(world.checkIns.checkIn(device, checkIn).hasAssignment()).isTrue();
    }

    private void assertRefused(Kind kind, CheckIn checkIn) {
        assertThatThrownBy(() -> world.checkIns.checkIn(device, checkIn))
                .isInstanceOfSatisfying(
                        RequestRefusedException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
