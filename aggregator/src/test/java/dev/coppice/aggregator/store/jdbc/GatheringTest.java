package dev.coppice.aggregator.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.aggregator.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Who asks together is answered by one go of the work, each with its own answer, also when it fails. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class GatheringTest {
    private static final int ASKED = 200;

    private final List<Integer> goes = new ArrayList<>();
    private final ReentrantLock working = new ReentrantLock();
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    /** Fails whole where a question is negative. The first go waits to be let on. */
    private List<String> answers(List<Integer> questions) {
        assertThat(working.tryLock()).as("one go at a time").isTrue();
        try {
            first.countDown();
            goOn.await();
            goes.add(questions.size());
            if (questions.stream().anyMatch(question -> question < 0)) {
                throw new StoreException("as asked");
            }
            return questions.stream().map(question -> "answer " + question).toList();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the work", e);
        } finally {
            working.unlock();
        }
    }

    @Test
    void manyAreAnsweredTogetherAndEachItsOwnQuestion() throws Exception {
        Gathering<Integer, String> gathering = new Gathering<>(this::answers);
        AtomicInteger asking = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < ASKED; i++) {
                int question = i;
                answers.add(threads.submit(() -> {
                    asking.incrementAndGet();
                    return gathering.ask(question);
                }));
            }
            first.await();
            while (asking.get() < ASKED) {
                Thread.onSpinWait();
            }
            Thread.sleep(100); // all that ask have asked
            goOn.countDown();
            for (int i = 0; i < ASKED; i++) {
                assertThat(answers.get(i).get()).isEqualTo("answer " + i);
            }
        }
        assertThat(goes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(ASKED);
        assertThat(goes).hasSizeLessThan(ASKED / 4).allMatch(together -> together <= 64);
        assertThat(gathering.ask(7)).as("and later ones").isEqualTo("answer 7");
    }

    @Test
    void whatFailsIsToldToAllWhoAskedForItAndToNobodyLater() throws Exception {
        Gathering<Integer, String> gathering = new Gathering<>(this::answers);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> before = threads.submit(() -> gathering.ask(1));
            first.await();
            List<Future<String>> together =
                    List.of(threads.submit(() -> gathering.ask(-1)), threads.submit(() -> gathering.ask(3)));
            Thread.sleep(100); // both have asked
            goOn.countDown();
            assertThat(before.get()).isEqualTo("answer 1");
            for (Future<String> failed : together) {
                assertThatThrownBy(failed::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(StoreException.class);
            }
            assertThat(gathering.ask(2)).isEqualTo("answer 2");
        }
    }

    /** The work goes on, for it may be others' too. */
    @Test
    void whoIsInterruptedWaitsNoLongerAndInterruptsNoWork() throws Exception {
        Gathering<Integer, String> gathering = new Gathering<>(this::answers);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> gathering.ask(1)).isInstanceOf(StoreException.class);
        assertThat(Thread.interrupted()).isTrue();
        goOn.countDown();
        assertThat(gathering.ask(2)).isEqualTo("answer 2");
        assertThat(goes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2);
    }
}
