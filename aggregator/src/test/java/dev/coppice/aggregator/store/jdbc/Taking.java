package dev.coppice.aggregator.store.jdbc;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.aggregator.store.MaskingRound;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Store;
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
    private static final int THREADS = 6;
    private static final int BYTES_MAX = 400_000;
    private static final int DEVICES = 600;

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
        if (store.findRound(MaskingRound.ID).isEmpty()) {
            MaskingRound.open(store, DEVICES);
        }
        for (int i = 0; i < THREADS; i++) {
            int first = i;
            Thread.ofPlatform().start(() -> take(store, first));
        }
    }

    @SuppressWarnings("SystemOut") // the process that kills this one reads it
    private static void take(Store store, int first) {
        for (int device = first; device < DEVICES; device += THREADS) {
            SentBytes input = SentBytes.of(input(device));
            Part part = new Part(MaskingRound.ID, Instant.EPOCH, 1.25);
            for (int time = 0; time < 2; time++) {
                Taken taken = store.takeInput("d-" + device, input, DEVICES, part);
                System.out.println(device + " " + taken + ".");
            }
        }
    }
}
