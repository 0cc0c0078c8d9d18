package dev.coppice.simulator.fleet;

import dev.coppice.agent.PrivacyBudget;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.crypto.masking.Peers;
import java.util.Optional;

/**
 * What all rounds of a run have in common.
 *
 * @param peers as each device deals with the others
 * @param budget that each device's owner allows
 * @param rules that each device insists on
 * @param crew that plays the members of rounds in this process's place
 */
record RoundContext(
        FleetSettings settings,
        FleetMaterial material,
        FleetKeys keys,
        Peers peers,
        Guests guests,
        BlobStore blobs,
        PrivacyBudget budget,
        FleetRules rules,
        Optional<Malice> malice,
        Workers workers,
        Optional<Crew> crew,
        FleetObserver observer) {}
