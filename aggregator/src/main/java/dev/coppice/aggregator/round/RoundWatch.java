package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.StoredRound;
import java.time.Instant;
import java.util.List;

/** Told how rounds go. Looks on: it must neither fail nor take long. Called on the thread that moves rounds on, and on others. */
public interface RoundWatch {
    /** All rounds that are not over, several times a second, whoever moved them on. */
    void areOpen(List<StoredRound> rounds, Instant now);

    /** This process, and no other, moved a round on to another phase. */
    void moved(StoredRound before, StoredRound after, Instant now);

    /** Tells several. */
    static RoundWatch of(List<RoundWatch> watches) {
        return new RoundWatch() {
            @Override
            public void areOpen(List<StoredRound> rounds, Instant now) {
                watches.forEach(watch -> watch.areOpen(rounds, now));
            }

            @Override
            public void moved(StoredRound before, StoredRound after, Instant now) {
                watches.forEach(watch -> watch.moved(before, after, now));
            }
        };
    }
}
