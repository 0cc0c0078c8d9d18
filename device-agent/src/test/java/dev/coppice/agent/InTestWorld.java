package dev.coppice.agent;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test whose agents have a world of their own, made before each test and closed after it. */
abstract class InTestWorld {
    static final PrivacyBudget NO_LIMIT = PrivacyBudget.insecureUnlimited();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // before each test
    TestWorld world;

    @BeforeEach
    void makeWorld() throws Exception {
        world = madeWorld();
    }

    @AfterEach
    void closeWorld() {
        world.close();
    }

    @SuppressWarnings("MustBeClosed") // closed after each test
    TestWorld madeWorld() throws Exception {
        return new TestWorld(folder);
    }
}
