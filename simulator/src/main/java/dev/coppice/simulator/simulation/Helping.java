package dev.coppice.simulator.simulation;

import dev.coppice.simulator.Progress;
import dev.coppice.simulator.crew.KafkaHand;
import dev.coppice.simulator.fleet.FleetMaterial;
import dev.coppice.simulator.fleet.FleetObserver;
import dev.coppice.simulator.fleet.FleetRun;
import dev.coppice.simulator.fleet.FleetSettings;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Properties;

/** A process that plays devices of a simulation which another one leads, from the same scenario. */
public final class Helping {
    private final Scenario scenario;
    private final Privacy privacy;
    private final long seed;
    private final Progress progress;

    public Helping(Scenario scenario, Privacy privacy, long seed, Progress progress) {
        this.scenario = scenario;
        this.privacy = privacy;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * Plays what comes, until interrupted.
     *
     * @param workers threads that train
     * @param folder where kits are kept
     * @throws ScenarioRefusedException if the data cannot be used
     */
    public void serve(int workers, Path folder, Properties kafka)
            throws IOException, InterruptedException, ScenarioRefusedException {
        FleetSettings played = scenario.settings(seed).withPrivacy(privacy);
        try (FleetMaterial material = scenario.material(seed, workers, folder.resolve("kits"));
                KafkaHand hand =
                        new KafkaHand(kafka, Simulation.name(scenario, privacy, seed, material.definition(played)))) {
            progress.note("waiting for devices to play");
            new FleetRun(played, material, folder.resolve("blobs"), new Told()).help(hand);
        }
    }

    private final class Told implements FleetObserver {
        @Override
        public void roundBegan(int round, int asked) {
            progress.note("round " + round + ": " + asked + " devices");
        }
    }
}
