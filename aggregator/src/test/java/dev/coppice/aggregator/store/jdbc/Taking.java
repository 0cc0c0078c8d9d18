package dev.coppice.aggregator.store.jdbc;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.aggregator.store.folder.InputFolder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * A process that takes masked inputs in several threads, each twice, until it is killed, and prints each that was taken by then.
 * Those of former processes go on.
 */
final class Taking {
    static final String ROUND = "t-1-1";
    private static final int THREADS = 6;
    private static final int BYTES_MAX = 400_000;
    private static final int DEVICES = 600;
    private static final String HASH = "ab".repeat(32);

    private Taking() {}

    /** What a device sends. */
    static ByteString input(int device) {
        SplittableRandom random = new SplittableRandom(device);
        byte[] bytes = new byte[random.nextInt(BYTES_MAX)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    static Path database(Path folder) {
        return folder.resolve("database");
    }

    static Path inputs(Path folder) {
        return folder.resolve("inputs");
    }

    /**
     * Never returns.
     *
     * @param arguments the folder
     */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        Store store = new JdbcStore(Database.embedded(database(folder)), new InputFolder(inputs(folder)));
        if (store.findRound(ROUND).isEmpty()) {
            openRound(store);
        }
        for (int i = 0; i < THREADS; i++) {
            int first = i;
            Thread.ofPlatform().start(() -> take(store, first));
        }
    }

    private static void openRound(Store store) {
        store.addTask(new StoredTask(
                "t-1",
                "home",
                HASH,
                "{}",
                ByteString.EMPTY,
                StoredTask.State.OPEN,
                HASH,
                ByteString.EMPTY,
                ByteString.EMPTY,
                0));
        store.open(StoredRound.opening(ROUND, "t-1", 1, ByteString.EMPTY, Instant.EPOCH), 1);
        in(store, Phase.ADVERTISING, Step.ADVERTISE);
        in(store, Phase.SHARING, Step.SHARES);
        StoredRound seen = store.findRound(ROUND).orElseThrow();
        store.advance(seen, seen.in(Phase.MASKING, Instant.EPOCH));
    }

    private static void in(Store store, Phase phase, Step step) {
        StoredRound seen = store.findRound(ROUND).orElseThrow();
        if (seen.phase() != phase) {
            store.advance(seen, seen.in(phase, Instant.EPOCH));
        }
        for (int device = 0; device < DEVICES; device++) {
            store.take(ROUND, step, "d-" + device, ByteString.EMPTY, DEVICES);
        }
    }

    @SuppressWarnings("SystemOut") // the process that kills this one reads it
    private static void take(Store store, int first) {
        for (int device = first; device < DEVICES; device += THREADS) {
            SentBytes input = SentBytes.of(input(device));
            Part part = new Part(ROUND, Instant.EPOCH, 1.25);
            for (int time = 0; time < 2; time++) {
                Taken taken = store.takeInput("d-" + device, input, DEVICES, part);
                System.out.println(device + " " + taken + ".");
            }
        }
    }
}
