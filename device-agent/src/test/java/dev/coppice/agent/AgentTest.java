package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class AgentTest extends PersonalizerContract {
    @TempDir
    Path folder;

    private TestWorld world;

    @BeforeEach
    @SuppressWarnings("MustBeClosed") // closed after each
    void make() throws Exception {
        world = new TestWorld(folder);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Override
    @MustBeClosed
    Personalizer open() throws Exception {
        return Agent.open(world.config("agent-0", world.aggregator).build());
    }
}
