package dev.coppice.simulator.experiment;

import java.util.List;
import java.util.Optional;

/**
 * Who plays in a run.
 *
 * @param adversary empty if nobody attacks
 * @param trustedPeople whose texts for validation the server has and trusts, so that it merges by FLTrust; 0: it has none
 * @param ranks of the devices' adapters, dealt evenly; empty: all have the definition's
 */
record Cast(Optional<Adversary> adversary, int trustedPeople, List<Integer> ranks) {
    static final Cast HONEST = ofRanks(List.of());

    /** Honest devices of these ranks. */
    static Cast ofRanks(List<Integer> ranks) {
        return new Cast(Optional.empty(), 0, ranks);
    }
}
