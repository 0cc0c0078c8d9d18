package dev.coppice.aggregator.crash;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import java.io.IOException;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Breaks one thing after another, drawn from a seed, and lets each come back; in the end all is whole again. */
final class Schedule implements AutoCloseable {
    private static final int CALM_MILLIS_MAX = 3_000;
    private static final int BROKEN_MILLIS_MAX = 4_000;
    private static final int RESTARTS = 20;

    private final Cluster cluster;
    private final Random random;
    private final Queue<String> done = new ConcurrentLinkedQueue<>();
    private final Thread thread = Thread.ofPlatform().unstarted(this::run);
    private volatile boolean ending;
    private volatile @Nullable Exception failed;

    Schedule(Cluster cluster, Random random) {
        this.cluster = cluster;
        this.random = random;
    }

    void start() {
        thread.start();
    }

    /** What was broken so far, a letter each: replica, Kafka, database, cut, silence. */
    String done() {
        return String.join("", done);
    }

    private void run() {
        try {
            while (!ending) {
                Thread.sleep(random.nextInt(CALM_MILLIS_MAX));
                breakOne();
            }
        } catch (IOException | InterruptedException e) {
            failed = e;
        }
    }

    private void breakOne() throws IOException, InterruptedException {
        int broken = 200 + random.nextInt(BROKEN_MILLIS_MAX);
        int draw = random.nextInt(10);
        if (draw < 4) {
            done.add("R");
            restart(cluster.replicas().get(random.nextInt(Cluster.REPLICAS)));
        } else if (draw < 5) {
            done.add("K");
            cluster.broker().kill();
            Thread.sleep(broken);
            cluster.broker().restart();
        } else if (draw < 6) {
            done.add("D");
            cluster.database().kill();
            Thread.sleep(broken);
            cluster.database().restart();
        } else {
            FaultyLink link = cluster.links().get(random.nextInt(cluster.links().size()));
            if (draw < 8) {
                done.add("C");
                link.cut();
            } else {
                done.add("S");
                link.silence();
            }
            Thread.sleep(broken);
            link.heal();
        }
    }

    /** As whatever looks after services does: again, until it stays up. */
    private static void restart(AggregatorProcess replica) throws IOException {
        IOException last = new IOException("never tried");
        for (int i = 0; i < RESTARTS; i++) {
            try {
                replica.killAndRestart();
                return;
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    @Override
    public void close() throws IOException {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Exception broken = failed;
        if (broken != null) {
            throw new IOException("the schedule itself failed", broken);
        }
    }
}
