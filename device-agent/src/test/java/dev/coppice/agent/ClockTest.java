package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.agent.Participation.NothingToDo;
import dev.coppice.agent.Participation.Refused;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device whose clock is wrong says so, and believes nobody else's where it matters. */
@Timeout(120)
class ClockTest extends InTestWorld {
    @BeforeEach
    void beAwayForAWhile() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            assertThat(agent.aggregatorAhead()).isZero();
        }
        world.clock.advance(Duration.ofDays(20));
        world.aggregator.repository.publish();
    }

    @Test
    void aClockThatIsHoursOrDaysOffKeepsNoDeviceOut() throws Exception {
        for (Duration off :
                List.of(Duration.ofHours(-30), Duration.ofMinutes(-6), Duration.ofHours(7), Duration.ofDays(5))) {
            try (Agent agent = agent(off)) {
                assertThat(agent.takePart()).as("off by %s", off).isInstanceOf(NothingToDo.class);
                assertThat(agent.aggregatorAhead()).isEqualTo(off.negated());
                assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
                if (off.compareTo(Duration.ofDays(1)) < 0) { // what is good for a day by the device's own clock
                    assertThat(agent.update()).isInstanceOf(Installation.UpToDate.class);
                }
            }
        }
    }

    @Test
    void aClockThatIsOutsideOfTheCertificateIsNamedAsTheReason() throws Exception {
        try (Agent agent = agent(Duration.ofDays(-30))) {
            Refused refused = (Refused) agent.takePart();
            assertThat(refused.reason()).isEqualTo(Reason.NOT_ENROLLED);
            assertThat(refused.why()).contains("from 2026-01-0").contains("this device's clock says 2025-12-23T");
        }
    }

    /** Whoever could set a device's time could show it metadata of any age. */
    @Test
    void noAggregatorsTimeMakesMetadataFreshThatIsOverByTheDevicesOwn() throws Exception {
        try (Agent agent = agent(Duration.ofDays(31))) {
            assertThat(agent.takePart()).as("told the time").isInstanceOf(NothingToDo.class);
            Installation.Refused refused = (Installation.Refused) agent.update();
            assertThat(refused.why()).contains("expired at 2026-").contains("it is 2026-02-22T");
        }
    }

    @Test
    void anAggregatorThatDoesNotKnowItsOwnTimeIsLeftAlone() throws Exception {
        for (Duration ahead : List.of(Duration.ofHours(1), Duration.ofDays(400_000), Duration.ofDays(-400_000))) {
            world.aggregator.toldAhead = ahead;
            try (Agent agent = agent(Duration.ofHours(2))) {
                assertThat(((Refused) agent.takePart()).reason()).isEqualTo(Reason.CLOCK_OFF);
            }
        }
    }

    /** By then all that it knows is over, and much has happened. */
    @Test
    void aDeviceThatWasAwayForMonthsFollows() throws Exception {
        try (Agent agent = agent(Duration.ZERO)) {
            assertThat(agent.update()).isInstanceOf(Installation.UpToDate.class);
        }
        for (int month = 0; month < 6; month++) {
            world.clock.advance(Duration.ofDays(29));
            world.aggregator.repository.publish();
        }
        try (Agent agent = agent(Duration.ZERO)) {
            assertThat(agent.isEnrolled()).isFalse();
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            assertThat(agent.isEnrolled()).isTrue();
            assertThat(agent.update()).isInstanceOf(Installation.UpToDate.class);
        }
    }

    /** The enrolled device, whose clock is ahead by so much. */
    @SuppressWarnings("MustBeClosed")
    private Agent agent(Duration off) throws Exception {
        return TestWorld.open(world.config("agent-0", world.aggregator)
                .budget(NO_LIMIT)
                .clock(new ManualClock(world.clock.instant().plus(off)))
                .build());
    }
}
