package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.agent.Participation.DroppedOut;
import dev.coppice.agent.Participation.NothingToDo;
import dev.coppice.agent.Participation.Refused;
import dev.coppice.agent.checkin.Identity;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device stays the same device, under keys that change, however long it was away. */
@Timeout(120)
class KeyRotationTest extends InTestWorld {
    @Test
    void aCertificateIsRenewedForAnotherKeyAfterTwoThirdsOfItsTime() throws Exception {
        try (Agent agent = enrolled(world.aggregator)) {
            assertThat(agent).isNotNull();
        }
        Told before = told();
        for (int days = 0; days <= 240; days += 30) {
            try (Agent agent = TestWorld.open(world.config("agent-0", world.aggregator)
                    .random(new SeededBytes(days)::fill)
                    .build())) {
                assertThat(agent.takePart()).as("day %d", days).isInstanceOf(NothingToDo.class);
                assertThat(agent.isEnrolled()).isTrue();
            }
            Told after = told();
            assertThat(after.deviceId).isEqualTo(before.deviceId);
            assertThat(after.key.equals(before.key)).as("day %d", days).isEqualTo(days % 60 != 0 || days == 0);
            before = after;
            world.clock.advance(Duration.ofDays(30));
        }
    }

    @Test
    void aDeviceThatWasAwayForAYearIsStillAdmitted() throws Exception {
        try (Agent agent = enrolled(world.aggregator)) {
            world.clock.advance(Duration.ofDays(365));
            assertThat(agent.isEnrolled()).isFalse();
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            assertThat(agent.isEnrolled()).isTrue();
        }
    }

    /** The aggregator has taken the next key, and the device dies before it hears of it. */
    @Test
    void aReplyThatWasLostLosesNoDevice() throws Exception {
        Transport loses = request -> {
            Transport.Reply reply = world.aggregator.exchange(request);
            if (request.path().equals("/v1/renew")) {
                throw new DeviceGoneException("dead");
            }
            return reply;
        };
        try (Agent agent = enrolled(world.aggregator)) {
            assertThat(agent).isNotNull();
        }
        Told before = told();
        world.clock.advance(Duration.ofDays(61));
        try (Agent agent = TestWorld.open(world.config("agent-0", loses).build())) {
            assertThat(agent.takePart()).isInstanceOf(DroppedOut.class);
        }
        assertThat(told()).isEqualTo(before);
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
        }
        assertThat(told().deviceId).isEqualTo(before.deviceId);
        assertThat(told().key).isNotEqualTo(before.key);
    }

    @Test
    void withoutARenewalADeviceTakesPartUntilItsCertificateIsOver() throws Exception {
        try (Agent agent = enrolled(world.aggregator)) {
            world.aggregator.isRenewing = false;
            world.clock.advance(Duration.ofDays(89));
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            world.clock.advance(Duration.ofDays(2));
            assertThat(((Refused) agent.takePart()).reason()).isEqualTo(Reason.NOT_ENROLLED);
        }
    }

    @com.google.errorprone.annotations.MustBeClosed
    private Agent enrolled(Transport transport) throws Exception {
        return world.agent("agent-0", transport, PrivacyBudget.DEFAULT);
    }

    /** What a closed home says of its device. */
    private record Told(String deviceId, String key) {}

    private Told told() throws Exception {
        Path home = world.home("agent-0");
        try (StorageKey key = HomeKey.open(home, KeyVault.inHome());
                Identity identity =
                        Identity.open(home, key, world.enrolmentKey::verifyingKey, new SeededBytes(3)::fill)) {
            return new Told(
                    identity.deviceId().orElseThrow(),
                    identity.key().verifyingKey().toString());
        }
    }
}
