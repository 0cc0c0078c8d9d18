package dev.coppice.aggregator.store.jdbc;

import dev.coppice.aggregator.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Does what many threads ask for at once together: what comes while some of it is done is done next, in one go. The work is on a
 * thread of its own, one at a time, which nobody interrupts.
 */
final class Gathering<Q, A> {
    private static final int TOGETHER_MAX = 64;

    private final Function<List<Q>, List<A>> work;
    private final Queue<Asked<Q, A>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unanswered = new AtomicInteger();

    private record Asked<Q, A>(Q question, CompletableFuture<A> answer) {}

    /** @param work answers questions, in their order */
    Gathering(Function<List<Q>, List<A>> work) {
        this.work = work;
    }

    /** The answer to a question, or what the work threw. */
    A ask(Q question) {
        Asked<Q, A> asked = new Asked<>(question, new CompletableFuture<>());
        waiting.add(asked);
        if (unanswered.getAndIncrement() == 0) {
            Thread.ofVirtual().start(this::answerAll);
        }
        try {
            return asked.answer().get();
        } catch (ExecutionException e) {
            throw new StoreException("Could not do what was asked for together", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("Interrupted", e);
        }
    }

    private void answerAll() {
        int done = 0;
        while (unanswered.addAndGet(-done) > 0) {
            List<Asked<Q, A>> together = new ArrayList<>();
            for (Asked<Q, A> next = waiting.poll(); next != null; next = waiting.poll()) {
                together.add(next);
                if (together.size() == TOGETHER_MAX) {
                    break;
                }
            }
            answer(together);
            done = together.size();
        }
    }

    private void answer(List<Asked<Q, A>> together) {
        try {
            List<A> answers = work.apply(together.stream().map(Asked::question).toList());
            for (int i = 0; i < together.size(); i++) {
                together.get(i).answer().complete(answers.get(i));
            }
        } catch (RuntimeException | Error e) {
            together.forEach(asked -> asked.answer().completeExceptionally(e));
        }
    }
}
