package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.HaltStore;
import dev.coppice.aggregator.store.HaltStore.StoredHalt;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.TrainingHalt;
import java.util.Optional;

/**
 * Halts the training of a population, and lets it go on. Devices are told at their next check-in, in the server's signed words,
 * and keep to them until they are told otherwise; rounds that are open end ({@link Keeper}). Safe for any number of threads and processes.
 */
public final class HaltDesk {
    /** Longest reason, in characters. */
    public static final int BECAUSE_MAX = 1000;

    private static final int ATTEMPTS_MAX = 16;

    private final HaltStore store;
    private final SigningKey serverKey;

    /** @param serverKey stays the caller's */
    public HaltDesk(HaltStore store, SigningKey serverKey) {
        this.store = store;
        this.serverKey = serverKey;
    }

    /** What was decided last. */
    public Optional<StoredHalt> find(String population) {
        return store.findHalt(population);
    }

    /**
     * Decides, unless that was decided already.
     *
     * @param because cut off after {@value #BECAUSE_MAX} characters
     */
    public void decide(String population, boolean halted, String because) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Optional<StoredHalt> present = find(population);
            if (present.map(StoredHalt::halted).orElse(false) == halted) {
                return;
            }
            long sequence = present.map(StoredHalt::sequence).orElse(0L) + 1;
            String reason = because.substring(0, Math.min(BECAUSE_MAX, because.length()));
            if (store.putHalt(new StoredHalt(population, sequence, halted, reason))) {
                return;
            }
        }
        throw new IllegalStateException("Others decided without end");
    }

    /** What devices of its population are told. A key signs for one thread at a time. */
    Signed order(StoredHalt halt) {
        TrainingHalt order = TrainingHalt.newBuilder()
                .setPopulation(halt.population())
                .setSequence(halt.sequence())
                .setHalted(halt.halted())
                .build();
        return SignedMessages.sign(serverKey, Purpose.TRAINING_HALT, order);
    }
}
