package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;

/** A round of an empty store that waits for masked inputs. */
public final class MaskingRound {
    public static final String ID = "t-1-1";
    private static final String HASH = "ab".repeat(32);

    private MaskingRound() {}

    /** Opens it, with all earlier steps of devices d-0, d-1 and so on. */
    public static void open(Store store, int devices) {
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
        store.open(StoredRound.opening(ID, "t-1", 1, ByteString.EMPTY, Instant.EPOCH), 1);
        for (Step step : List.of(Step.ADVERTISE, Step.SHARES)) {
            in(store, step.phase());
            for (int device = 0; device < devices; device++) {
                store.take(ID, step, "d-" + device, ByteString.EMPTY, devices);
            }
        }
        in(store, Phase.MASKING);
    }

    private static void in(Store store, Phase phase) {
        StoredRound seen = store.findRound(ID).orElseThrow();
        if (seen.phase() != phase) {
            store.advance(seen, seen.in(phase, Instant.EPOCH));
        }
    }
}
