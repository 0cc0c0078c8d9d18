package dev.coppice.simulator.experiment;

import java.util.Optional;

/**
 * Who plays in a run beside honest devices.
 *
 * @param adversary empty if nobody attacks
 * @param trustedPeople whose texts for validation the server has and trusts, so that it merges by FLTrust; 0: it has none
 */
record Cast(Optional<Adversary> adversary, int trustedPeople) {
    static final Cast HONEST = new Cast(Optional.empty(), 0);
}
