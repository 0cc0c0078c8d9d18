package dev.coppice.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.agent.policy.Conditions.Heat;
import dev.coppice.agent.policy.Conditions.Link;
import dev.coppice.agent.store.TestKeys;
import dev.coppice.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkGateTest {
    private static final Duration QUARTER = Duration.ofMinutes(15);

    @TempDir
    Path home;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T20:00:00Z"));
    private final SettableConditions device = new SettableConditions(Conditions.BEST);

    @BeforeEach
    void allow() throws IOException {
        for (Consent consent : Consent.values()) {
            consents().give(consent, clock.instant());
        }
    }

    @Test
    void aDeviceInTheBestStateMayDoAnything() throws IOException {
        for (Work work : Work.values()) {
            assertThat(gate(WorkPolicy.DEFAULT).obstacle(work)).isEmpty();
        }
    }

    @Test
    void nothingIsDoneThatTheUserDoesNotAllow() throws IOException {
        Consents consents = consents();
        consents.withdraw(Consent.LEARN);
        assertObstacle(Work.PERSONALIZE, Obstacle.NO_CONSENT);
        assertThat(gate(WorkPolicy.DEFAULT).obstacle(Work.ROUND)).isEmpty();
        consents.withdraw(Consent.CONTRIBUTE);
        assertObstacle(Work.ROUND, Obstacle.NO_CONSENT);
        assertThat(consents().since(Consent.ASK_ONLINE)).contains(clock.instant());
    }

    @Test
    void eachStateOfTheDeviceThatTheDefaultRulesOutIsAnObstacle() throws IOException {
        assertState(Conditions.BEST.withBattery(false, 90), Obstacle.NOT_CHARGING);
        assertState(Conditions.BEST.withBattery(true, 29), Obstacle.BATTERY_LOW);
        assertState(Conditions.BEST.withHeat(Heat.MODERATE), Obstacle.TOO_HOT);
        assertState(Conditions.BEST.withIdle(false), Obstacle.IN_USE);
        assertState(Conditions.BEST.withLink(Link.NONE), Obstacle.OFFLINE);
        assertState(Conditions.BEST.withLink(Link.METERED), Obstacle.NETWORK_METERED);
        device.set(Conditions.BEST.withBattery(true, 30).withHeat(Heat.LIGHT));
        assertThat(gate(WorkPolicy.DEFAULT).obstacle(Work.ROUND)).isEmpty();
        device.set(Conditions.BEST.withLink(Link.NONE));
        assertThat(gate(WorkPolicy.DEFAULT).obstacle(Work.PERSONALIZE))
                .as("which needs no network")
                .isEmpty();
    }

    @Test
    void aDeviceThatDoesNotTellItsStateDoesNotWork() throws IOException {
        WorkGate gate = new WorkGate(
                WorkPolicy.DEFAULT,
                Optional.of(() -> {
                    throw new IOException("no such file");
                }),
                consents(),
                halt(),
                use(),
                clock);
        assertThat(gate.obstacle(Work.PERSONALIZE)).contains(new NotNow(Obstacle.UNKNOWN_STATE, QUARTER));
    }

    @Test
    void itRestsInQuietHoursAndComesBackAtTheirEnd() throws IOException {
        QuietHours night = new QuietHours(LocalTime.of(22, 0), LocalTime.of(6, 30));
        WorkPolicy policy = WorkPolicy.DEFAULT.withQuietHours(night, ZoneId.of("Europe/Berlin"));
        assertThat(gate(policy).obstacle(Work.ROUND)).as("21:00 there").isEmpty();
        clock.advance(Duration.ofHours(1));
        assertThat(gate(policy).obstacle(Work.ROUND))
                .contains(new NotNow(Obstacle.QUIET_HOURS, Duration.ofMinutes(8 * 60 + 30)));
        clock.advance(Duration.ofMinutes(8 * 60 + 29));
        assertThat(gate(policy).obstacle(Work.ROUND)).contains(new NotNow(Obstacle.QUIET_HOURS, Duration.ofMinutes(1)));
        clock.advance(Duration.ofMinutes(1));
        assertThat(gate(policy).obstacle(Work.ROUND)).isEmpty();
    }

    @Test
    void whatADayAllowsIsSpentUntilMidnightAndARestartDoesNotRefreshIt() throws IOException {
        WorkPolicy policy = WorkPolicy.DEFAULT.withPerDay(new DailyAmount(Duration.ofSeconds(10), 1000, 2));
        gate(policy).entered();
        gate(policy).moved(999);
        assertThat(gate(policy).obstacle(Work.ROUND)).isEmpty();
        gate(policy).entered();
        assertThat(gate(policy).obstacle(Work.ROUND))
                .contains(new NotNow(Obstacle.PARTICIPATIONS_SPENT, Duration.ofHours(4)));
        assertThat(gate(policy).obstacle(Work.UPDATE)).isEmpty();
        gate(policy).moved(1);
        assertThat(gate(policy).obstacle(Work.UPDATE)).contains(new NotNow(Obstacle.BYTES_SPENT, Duration.ofHours(4)));
        clock.advance(Duration.ofDays(-1));
        assertThat(gate(policy).obstacle(Work.UPDATE))
                .as("a clock that is set back")
                .isPresent();
        clock.advance(Duration.ofDays(1).plusHours(4));
        assertThat(gate(policy).obstacle(Work.ROUND)).isEmpty();
        assertThat(gate(policy).usedToday()).isEqualTo(DailyAmount.NOTHING);
    }

    @Test
    void trainingStopsWhenTheDayAllowsNoMoreOfIt() throws IOException {
        WorkPolicy policy = WorkPolicy.DEFAULT.withPerDay(new DailyAmount(Duration.ofSeconds(30), 1000, 2));
        int seconds = 0;
        try (WorkGate.Stretch stretch = gate(policy).begin(Work.PERSONALIZE)) {
            while (stretch.mayGoOn() && seconds < 100) {
                clock.advance(Duration.ofSeconds(1));
                seconds++;
            }
            assertThat(stretch.stopped())
                    .contains(
                            new NotNow(Obstacle.WORK_SPENT, Duration.ofHours(4).minusSeconds(30)));
        }
        assertThat(seconds).isEqualTo(30);
        assertThat(gate(policy).obstacle(Work.PERSONALIZE)).isPresent();
    }

    @Test
    void trainingStopsWithinASecondWhenTheDeviceGetsHotOrItsUserSaysNo() throws IOException {
        WorkGate gate = gate(WorkPolicy.DEFAULT);
        try (WorkGate.Stretch stretch = gate.begin(Work.PERSONALIZE)) {
            assertThat(stretch.mayGoOn()).isTrue();
            device.set(Conditions.BEST.withHeat(Heat.MODERATE));
            clock.advance(Duration.ofSeconds(1));
            assertThat(stretch.mayGoOn()).isFalse();
            assertThat(stretch.stopped()).contains(new NotNow(Obstacle.TOO_HOT, QUARTER));
            device.set(Conditions.BEST);
            clock.advance(Duration.ofSeconds(1));
            assertThat(stretch.mayGoOn()).as("what has stopped stays so").isFalse();
        }
        Consents consents = consents();
        try (WorkGate.Stretch stretch =
                new WorkGate(WorkPolicy.DEFAULT, Optional.empty(), consents, halt(), use(), clock).begin(Work.ROUND)) {
            consents.withdraw(Consent.CONTRIBUTE);
            assertThat(stretch.mayGoOn()).isFalse();
        }
        assertThat(gate.usedToday().work()).isEqualTo(Duration.ofSeconds(2));
    }

    private void assertState(Conditions state, Obstacle obstacle) throws IOException {
        device.set(state);
        assertObstacle(Work.ROUND, obstacle);
        WorkGate any = new WorkGate(WorkPolicy.ANY_TIME, Optional.of(device), consents(), halt(), use(), clock);
        assertThat(any.obstacle(Work.PERSONALIZE)).isEmpty();
    }

    private void assertObstacle(Work work, Obstacle obstacle) throws IOException {
        assertThat(gate(WorkPolicy.DEFAULT).obstacle(work).orElseThrow().obstacle())
                .isEqualTo(obstacle);
    }

    /** Each on what is on the disk by then, as after a restart. */
    private WorkGate gate(WorkPolicy policy) throws IOException {
        return new WorkGate(policy, Optional.of(device), consents(), halt(), use(), clock);
    }

    private Consents consents() throws IOException {
        return Consents.open(home, TestKeys.STORAGE);
    }

    private TrainingHalt halt() throws IOException {
        return TrainingHalt.open(home, TestKeys.STORAGE);
    }

    private DailyUse use() throws IOException {
        return DailyUse.open(home, TestKeys.STORAGE);
    }
}
