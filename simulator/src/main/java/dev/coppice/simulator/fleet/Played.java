package dev.coppice.simulator.fleet;

import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** A round that can be played once. The devices' records are kept by it; all else is for its caller. */
interface Played {
    /** What came of it. */
    record Ended(
            StoredTask task,
            StoredRound round,
            Instant then,
            List<Guest> guests,
            Tally tally,
            List<RoundRecord.PhaseEnd> phases) {}

    Ended play() throws IOException, InterruptedException;
}
