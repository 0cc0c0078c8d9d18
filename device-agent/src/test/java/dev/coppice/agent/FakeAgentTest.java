package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.agent.testing.FakeAgent;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FakeAgentTest extends PersonalizerContract {
    @Override
    @MustBeClosed
    Personalizer open() {
        return new FakeAgent("off", "on");
    }

    @Test
    void roundsAndPacksComeToWhatTheTestSaid() {
        try (FakeAgent agent = new FakeAgent("off")) {
            Participation first = new Participation.NothingToDo(Duration.ofDays(1));
            Installation second = new Installation.Installed(3, 1, 0.5);
            agent.thenRound(first).thenPack(second);
            assertThat(agent.takePart()).isEqualTo(first);
            assertThat(agent.takePart()).isNotEqualTo(first);
            assertThat(agent.update()).isEqualTo(second);
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(0));
        }
    }
}
