package dev.coppice.simulator.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.simulator.extension.Choice;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.fleet.FleetSettings.Behaviour;
import dev.coppice.simulator.fleet.FleetSettings.Faults;
import dev.coppice.simulator.fleet.FleetSettings.Judging;
import dev.coppice.simulator.population.Population;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A fleet that is played in seconds: 24 devices of the shipped model, 16 in a cohort. */
final class SmallFleet {
    static final int COHORT = 16;

    private SmallFleet() {}

    @MustBeClosed
    static FleetMaterial material(int workers, Path kits) throws IOException {
        Population people = Population.generated(7, 24);
        KitSpec spec =
                new KitSpec(people.task(), new LoraSpec(2, 4, List.of("q_proj"), Factors.B, 1), people.labels(), 4, 16);
        return FleetMaterial.open(Path.of("../models/pico"), spec, new PeopleData(people), workers, kits);
    }

    static ObjectNode task(int rounds) throws IOException {
        return (ObjectNode) new ObjectMapper().readTree("""
                {"rounds": %d, "localSteps": 2, "learningRate": 0.01, "examplesMin": 1, "clipNorm": 1,
                 "epsilon": 8, "delta": 1e-8,
                 "cohort": {"min": 8, "max": %d, "dropoutBound": 0.3, "corruptionBound": 0.05},
                 "serverOptimizer": {"kind": "fedavg", "learningRate": 1, "momentum": 0.0},
                 "phaseSeconds": {"advertise": 600, "shares": 60, "masked": 60, "unmask": 60}}""".formatted(rounds, COHORT));
    }

    /** Devices that are unlike, and some of which vanish or are late. */
    static FleetSettings unsteady(long seed, Privacy privacy, int rounds) throws IOException {
        DeviceClass fast = DeviceClass.PLAIN;
        DeviceClass slow = new DeviceClass(
                "slow",
                1,
                400,
                2048,
                new DeviceClass.Network(150, 100, 100, 400),
                new DeviceClass.Battery(0.9, 0.001),
                new DeviceClass.Hours(0, 0, 0));
        return new FleetSettings(
                seed,
                privacy,
                task(rounds),
                1.2,
                List.of(fast, slow),
                new Behaviour(0.15, 0.2, 20, 0.1, 0.1, 0),
                Faults.NONE,
                Optional.empty(),
                Choice.of("mean"),
                new Judging(0, 60, 4));
    }
}
