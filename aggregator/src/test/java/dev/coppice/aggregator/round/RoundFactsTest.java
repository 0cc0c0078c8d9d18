package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundFactsTest {
    private static final int DEVICES = 10;
    private static final Duration SLOW = Duration.ofMillis(100);

    private final Queue<Step> read = new ConcurrentLinkedQueue<>();

    @TempDir
    Path folder;

    /** All devices are woken at the same moment; one of them has the messages of all read, not each for itself. */
    @Test
    void messagesOfAllAreReadOnceForEveryoneWhoWaits() throws Exception {
        RoundWorld world = new RoundWorld(slowStore(), folder, DEVICES, 1);
        world.all(0, DEVICES, Actor::advertise);
        assertThat(atOnce(world, Poll.Step.ROSTER)).allMatch(RoundReply::hasRoster);
        assertThat(read).contains(Step.ADVERTISE);
        world.all(0, DEVICES, Actor::share);
        assertThat(atOnce(world, Poll.Step.INBOX)).allMatch(RoundReply::hasInbox);
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        assertThat(atOnce(world, Poll.Step.ATTESTATIONS)).allMatch(RoundReply::hasAttestations);
    }

    private List<RoundReply> atOnce(RoundWorld world, Poll.Step awaits) throws Exception {
        read.clear();
        CountDownLatch start = new CountDownLatch(1);
        List<RoundReply> replies = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RoundReply>> polls = new ArrayList<>();
            for (Actor actor : world.actors) {
                polls.add(threads.submit(() -> {
                    start.await();
                    return actor.poll(awaits);
                }));
            }
            start.countDown();
            for (Future<RoundReply> poll : polls) {
                replies.add(poll.get());
            }
        }
        assertThat(read).doesNotHaveDuplicates();
        return replies;
    }

    /** Notes whose messages are read, and takes its time over it. */
    private Store slowStore() {
        Store store = new MemoryStore();
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, args) -> {
                    if (method.getName().equals("messages")) {
                        read.add((Step) args[1]);
                        Thread.sleep(SLOW);
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
