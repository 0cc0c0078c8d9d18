package dev.coppice.crypto.masking;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;

/** The server's own survivors, read back. */
record SurvivorSets(BitSet shared, BitSet masked) {
    /** @param survivors payload {@code Survivors} */
    static SurvivorSets of(Cohort cohort, Signed survivors) {
        try {
            return of(cohort, Survivors.parseFrom(survivors.getPayload()));
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalArgumentException("No survivors", malformed);
        }
    }

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
