package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;

/** The server's own survivors, read back. */
record SurvivorSets(BitSet shared, BitSet masked) {
    /** @throws IllegalArgumentException if they are not of this cohort */
    static SurvivorSets of(Cohort cohort, Survivors survivors) {
        try {
            if (!survivors.getRoundId().equals(cohort.terms().roundId())) {
                throw new IllegalArgumentException("Survivors of another round");
            }
            BitSet shared = SurvivorRules.set(survivors.getShared(), cohort.size());
            return new SurvivorSets(shared, SurvivorRules.set(survivors.getMasked(), cohort.size()));
        } catch (RoundRefusedException malformed) {
            throw new IllegalArgumentException("Survivors of another cohort", malformed);
        }
    }
}
