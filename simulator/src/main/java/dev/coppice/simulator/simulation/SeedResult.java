package dev.coppice.simulator.simulation;

import dev.coppice.simulator.fleet.FleetResult;

/** What came of one seed. */
public record SeedResult(long seed, FleetResult result) {}
