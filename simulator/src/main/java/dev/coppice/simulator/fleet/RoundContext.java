package dev.coppice.simulator.fleet;

import dev.coppice.agent.PrivacyBudget;
import dev.coppice.aggregator.store.BlobStore;
import java.util.Optional;

/**
 * What all rounds of a run have in common.
 *
 * @param budget that each device's owner allows
 */
record RoundContext(
        FleetSettings settings,
        FleetMaterial material,
        FleetKeys keys,
        Guests guests,
        BlobStore blobs,
        PrivacyBudget budget,
        Optional<Malice> malice,
        Workers workers,
        FleetObserver observer) {}
