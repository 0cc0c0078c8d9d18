package dev.coppice.simulator.online;

import dev.coppice.simulator.Progress;
import dev.coppice.simulator.online.OnlineReport.Outage;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AdminRefusedException;
import dev.coppice.simulator.operator.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Looks at a task again and again, and bears with an aggregator that is away for a while. Use on one thread. */
final class Lookout {
    private static final Duration AGAIN = Duration.ofMillis(500);

    private final AdminClient admin;
    private final String taskId;
    private final Duration patience;
    private final InstantSource clock;
    private final Progress progress;
    private final Instant began;
    private final List<Outage> outages = new ArrayList<>();

    Lookout(AdminClient admin, String taskId, Duration patience, InstantSource clock, Progress progress) {
        this.admin = admin;
        this.taskId = taskId;
        this.patience = patience;
        this.clock = clock;
        this.progress = progress;
        this.began = clock.instant();
    }

    /** The aggregator is away, or does not know what we are about: there is nothing to go on with. */
    static final class LostException extends Exception {
        LostException(String message) {
            super(message);
        }
    }

    /** How far the task is, as soon as the aggregator says. */
    TaskStatus look() throws LostException, InterruptedException {
        Instant first = clock.instant();
        boolean isAway = false;
        while (true) {
            String why;
            try {
                TaskStatus status = admin.status(taskId);
                if (isAway) {
                    outages.add(outage(first));
                    progress.note("the aggregator answers again");
                }
                return status;
            } catch (AdminRefusedException e) {
                why = String.valueOf(e.getMessage());
                if (e.status() < 500) {
                    throw new LostException(why);
                }
            } catch (IOException e) {
                why = String.valueOf(e.getMessage() == null ? e : e.getMessage());
            }
            if (!isAway) {
                isAway = true;
                progress.note("the aggregator does not answer: " + why);
            }
            if (Duration.between(first, clock.instant()).compareTo(patience) > 0) {
                outages.add(outage(first));
                throw new LostException("the aggregator has not answered for " + patience.toSeconds() + " s: " + why);
            }
            Thread.sleep(AGAIN);
        }
    }

    private Outage outage(Instant from) {
        return new Outage(seconds(began, from), seconds(from, clock.instant()));
    }

    /** When it was away so far. */
    List<Outage> outages() {
        return List.copyOf(outages);
    }

    static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }
}
