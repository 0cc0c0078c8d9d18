package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.round.CheckIn;
import java.nio.file.Path;
import java.time.Duration;
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
        assertRefused(Kind.FORBIDDEN, sent(now - FRESH.toMillis() - 1, 3));
        assertRefused(Kind.FORBIDDEN, sent(now + FRESH.toMillis() + 1, 4));
        assertRefused(Kind.FORBIDDEN, sent(Long.MIN_VALUE, 5));
        assertRefused(Kind.FORBIDDEN, sent(Long.MAX_VALUE, 6));
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
        assertRefused(Kind.FORBIDDEN, ahead);
    }

    @Test
    void aCheckInThatIsNotFreshUsesNoNonceUp() throws Exception {
        long now = world.clock.instant().toEpochMilli();
        assertRefused(Kind.FORBIDDEN, sent(now - FRESH.toMillis() - 1, 1));
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
