package dev.coppice.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetRunTest {
    @TempDir
    Path folder;

    @Test
    void theSameSeedGivesTheSameToTheBitOnOneWorkerAndOnTwo() throws IOException, InterruptedException {
        FleetSettings settings = SmallFleet.unsteady(3, Privacy.TRUST_SUM, 2);
        FleetResult onOne = run(settings, 1);
        FleetResult onTwo = run(settings, 2);
        assertThat(onTwo.rounds()).isEqualTo(onOne.rounds());
        assertThat(onTwo.adapter().toArray()).isEqualTo(onOne.adapter().toArray());
        assertThat(onTwo.participations()).isEqualTo(onOne.participations());
        assertThat(onOne.rounds()).allMatch(RoundRecord::completed);
        assertThat(onOne.rounds().getFirst().dropouts()).isNotEmpty();
        assertThat(run(settings.withSeed(4), 1).rounds()).isNotEqualTo(onOne.rounds());
    }

    private FleetResult run(FleetSettings settings, int workers) throws IOException, InterruptedException {
        try (FleetMaterial material = SmallFleet.material(workers, folder.resolve("kits"))) {
            return new FleetRun(settings, material, folder.resolve("blobs"), FleetObserver.NONE).run();
        }
    }
}
