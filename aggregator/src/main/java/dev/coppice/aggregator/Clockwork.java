package dev.coppice.aggregator;

import dev.coppice.aggregator.idempotency.Answers;
import dev.coppice.aggregator.release.RepositoryDesk;
import dev.coppice.aggregator.release.RolloutDesk;
import dev.coppice.aggregator.round.CheckInDesk;
import dev.coppice.aggregator.round.Keeper;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of this process that moves rounds on, at deadlines and after a phase's last message, and that keeps the
 * repository's signatures fresh.
 */
final class Clockwork implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Clockwork.class);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("rounds").daemon().factory());

    private @Nullable Keeper keeper;

    /** Starts ticking. */
    void start(
            Keeper rounds,
            CheckInDesk checkIns,
            RepositoryDesk repository,
            RolloutDesk rollouts,
            Answers answers,
            Duration tick) {
        keeper = rounds;
        schedule(keeper::tick, tick);
        schedule(checkIns::forgetOldNonces, MINUTE);
        schedule(answers::forgetOld, MINUTE);
        schedule(repository::tick, MINUTE);
        execute(() -> warn(repository));
        schedule(() -> warn(repository), DAY);
        schedule(rollouts::tick, MINUTE);
    }

    /** Has something done from time to time, beside all else. */
    void also(Runnable work, Duration every) {
        schedule(work::run, every);
    }

    private static void warn(RepositoryDesk repository) {
        for (RepositoryDesk.Ending due : repository.due()) {
            LOG.warn(
                    "{} {} of the repository ends at {}: devices install nothing after that. Holders renew it: coppice pack"
                            + " renew --{}",
                    due.role(),
                    due.version(),
                    due.expires(),
                    due.role());
        }
    }

    private void schedule(Work work, Duration every) {
        Future<?> untilClosed = thread.scheduleWithFixedDelay(
                () -> outermost(work), every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
        LOG.debug("Every {}: {}", every, untilClosed);
    }

    @Override
    public void execute(Runnable work) {
        try {
            thread.execute(() -> outermost(work::run));
        } catch (RejectedExecutionException e) {
            LOG.info("Stopping: what is due will be done at the next start");
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** The thread's outermost loop: one failure must not stop all rounds. State is as it was before, by transaction. */
    private static void outermost(Work work) {
        try {
            work.run();
        } catch (Exception e) {
            LOG.error("What was due could not be done; it will be tried again", e);
        }
    }

    /** Finishes what is under way, if that does not take long, and leaves the rest to other processes. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            if (keeper != null) {
                keeper.handOver();
            }
        }
    }
}
