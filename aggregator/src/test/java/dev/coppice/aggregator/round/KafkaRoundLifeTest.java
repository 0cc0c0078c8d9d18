package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.kafka.KafkaInputLog;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.testkit.Broker;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Masked inputs go through a real broker, which many worlds share: each draws other ids. */
class KafkaRoundLifeTest extends RoundLifeContract {
    @TempDir
    static Path kafka;

    private static Broker broker;
    private static KafkaInputLog log;
    private static long seed = 100;

    @BeforeAll
    static void start() throws Exception {
        broker = new Broker(kafka.resolve("broker"));
        log = new KafkaInputLog(broker.client(), "coppice", kafka.resolve("streams"));
    }

    @AfterAll
    static void stop() {
        log.close();
        broker.close();
    }

    @Override
    Store open(String name) {
        return new MemoryStore();
    }

    @Override
    RoundWorld world(Store store, int rounds) throws Exception {
        return new RoundWorld(
                store,
                folder.resolve("blobs"),
                10,
                rounds,
                RoundWorld.Extras.NONE,
                seed++,
                (from, facts, clock) -> new LoggedInputs(log, from, facts, clock));
    }
}
