package dev.coppice.aggregator.round;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnsafeByteOperations;
import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.aggregator.store.MaskingRound;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.Database;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.protocol.round.MaskedInput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * How long a round's masked inputs take to be read back from the embedded store and added up, as {@link StoredInputs} does it, once
 * all are there; and how long they took to be stored, without HTTP and signatures. Prints one line of JSON.
 *
 * <p>{@code -Dreadback.inputs=10000}, {@code -Dreadback.uncached=false} (the kernel forgets the file before it is read).
 */
final class MeasureReadBack {
    private static final int INPUTS = Integer.getInteger("readback.inputs", 10_000);
    private static final boolean UNCACHED = Boolean.getBoolean("readback.uncached");
    private static final int VALUES = 1 << 18;
    private static final int BITS = 20;
    private static final int THREADS = 16;
    private static final int DIFFERENT = 16;

    private MeasureReadBack() {}

    /** Where the process starts; its argument is an empty folder. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        ObjectNode told = new ObjectMapper().createObjectNode();
        try (HikariDataSource database = Database.embedded(folder.resolve("database"));
                InputFolder files = new InputFolder(folder.resolve("inputs"))) {
            Store store = new JdbcStore(database, files);
            MaskingRound.open(store, INPUTS);
            List<SentBytes> inputs = IntStream.range(0, DIFFERENT)
                    .mapToObj(MeasureReadBack::input)
                    .toList();
            told.put("inputs", INPUTS).put("bytes", inputs.getFirst().bytes().size());
            told.put("stored", seconds(() -> takeAll(store, inputs)));
            if (UNCACHED) {
                forget(folder.resolve("inputs").resolve(MaskingRound.ID));
            }
            MaskedSum sum = new MaskedSum(MaskingRound.ID, BITS, VALUES);
            told.put("readAndSummed", seconds(() -> addUp(store, sum)));
            told.put("again", seconds(() -> addUp(store, new MaskedSum(MaskingRound.ID, BITS, VALUES))));
            if (sum.count() != INPUTS) {
                throw new IllegalStateException(sum.count() + " inputs in the sum");
            }
        }
        System.out.println(told);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static SentBytes input(int seed) {
        byte[] packed = new byte[VALUES / 8 * BITS];
        new SplittableRandom(seed).nextBytes(packed);
        return SentBytes.of(MaskedInput.newBuilder()
                .setRoundId(MaskingRound.ID)
                .setPacked(UnsafeByteOperations.unsafeWrap(packed))
                .build()
                .toByteString());
    }

    private static void takeAll(Store store, List<SentBytes> inputs) {
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int thread = 0; thread < THREADS; thread++) {
                threads.execute(() -> {
                    for (int i = next.getAndIncrement(); i < INPUTS; i = next.getAndIncrement()) {
                        Part part = new Part(MaskingRound.ID, Instant.EPOCH, 1);
                        store.takeInput("d-" + i, inputs.get(i % DIFFERENT), INPUTS, part);
                    }
                });
            }
        }
    }

    private static void addUp(Store store, MaskedSum sum) {
        InputBatches batches = new InputBatches(List.of(sum));
        store.eachMessage(
                MaskingRound.ID,
                Step.MASKED,
                (device, message) -> batches.add(0, Stored.parse(MaskedInput.parser(), message)));
        batches.sums();
    }

    private static void forget(Path file) throws IOException, InterruptedException {
        new ProcessBuilder("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0")
                .inheritIO()
                .start()
                .waitFor();
    }
}
