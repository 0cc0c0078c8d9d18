package dev.coppice.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.simulator.extension.Choice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /** Who is in the sum is decided alike, noise and rounding come from the same draws: so the sums are the same. */
    @Test
    void masksTakeNothingAwayAndAddNothing() throws IOException, InterruptedException {
        FleetSettings masked = FleetSettings.ideal(5, Privacy.SECAGG_DDG, SmallFleet.task(2));
        FleetSettings trusted = FleetSettings.ideal(5, Privacy.TRUST_SUM, SmallFleet.task(2));
        FleetResult behind = run(masked, 2);
        assertThat(behind.rounds()).allMatch(RoundRecord::completed);
        assertThat(behind.rounds()).allMatch(round -> round.inSum() == SmallFleet.COHORT && round.bytesUp() > 0);
        assertThat(behind.adapter().toArray())
                .isEqualTo(run(trusted, 2).adapter().toArray());
    }

    @Test
    void anUnsteadyFleetOverTheNetworkIsTheSameOnOneWorkerAndOnTwo() throws IOException, InterruptedException {
        FleetSettings settings = SmallFleet.unsteady(3, Privacy.SECAGG_DDG, 2);
        FleetResult onOne = run(settings, 1);
        assertThat(run(settings, 2).rounds()).isEqualTo(onOne.rounds());
        assertThat(onOne.rounds()).anyMatch(RoundRecord::completed);
        assertThat(onOne.rounds().getFirst().dropouts()).isNotEmpty();
    }

    /** Lost, doubled, held up and damaged messages, a server that dies, clocks that are off. */
    @Test
    void aBadDayIsTheSameBadDayOnOneWorkerAndOnTwo() throws IOException, InterruptedException {
        FleetSettings steady = SmallFleet.unsteady(2, Privacy.SECAGG_DDG, 2);
        FleetSettings settings = new FleetSettings(
                steady.seed(),
                steady.privacy(),
                steady.task(),
                steady.overSelection(),
                steady.classes(),
                steady.behaviour(),
                new FleetSettings.Faults(0.03, 0.1, 0.1, 0.01, 6, 2, 20),
                steady.attack(),
                steady.merge(),
                steady.judging());
        FleetResult onOne = run(settings, 1);
        FleetResult onTwo = run(settings, 2);
        assertThat(onTwo.rounds()).isEqualTo(onOne.rounds());
        assertThat(onOne.rounds()).anyMatch(RoundRecord::completed);
        assertThat(onOne.rounds()).isNotEqualTo(run(steady, 2).rounds());
    }

    /** The kill is an exception out of the observer: what is on the disk by then is all that goes on. */
    @Test
    void aRunThatWasKilledGoesOnToTheSameResult() throws IOException, InterruptedException {
        FleetSettings settings = SmallFleet.unsteady(9, Privacy.TRUST_SUM, 3);
        FleetResult whole = run(settings, 2);
        Checkpoint checkpoint = Checkpoint.in(folder.resolve("checkpoint"), "a run");
        try (FleetMaterial material = SmallFleet.material(1, folder.resolve("kits"))) {
            FleetRun killed = new FleetRun(settings, material, folder.resolve("blobs"), new FleetObserver() {
                @Override
                public void roundBegan(int number, int devices) {
                    if (number == 3) {
                        throw new IllegalStateException("killed");
                    }
                }
            });
            assertThatThrownBy(() -> killed.run(checkpoint)).hasMessage("killed");
            assertThat(checkpoint.rounds(material.data().devices())).hasSize(2);
            FleetResult resumed =
                    new FleetRun(settings, material, folder.resolve("blobs"), FleetObserver.NONE).run(checkpoint);
            assertThat(resumed.rounds()).isEqualTo(whole.rounds());
            assertThat(resumed.adapter().toArray()).isEqualTo(whole.adapter().toArray());
            assertThat(resumed.participations()).isEqualTo(whole.participations());
            assertThat(resumed.gains()).isEqualTo(whole.gains());
            Checkpoint ofAnother = Checkpoint.in(folder.resolve("checkpoint"), "another run");
            assertThatThrownBy(() -> ofAnother.rounds(material.data().devices()))
                    .hasMessageContaining("another scenario");
        }
    }

    /** What a crew is sent and sends back is all that there is. */
    @Test
    void aCrewPlaysTheSameInPiecesAndOnlyWhatIsInTheClear() throws IOException, InterruptedException {
        assertThatACrewDoesTheSame(SmallFleet.unsteady(3, Privacy.TRUST_SUM, 2));
        assertThatACrewDoesTheSame(unmasked(Choice.of("mean")));
        assertThatACrewDoesTheSame(unmasked(Choice.of("example-first")));
        FleetSettings masked = SmallFleet.unsteady(3, Privacy.SECAGG_DDG, 2);
        try (FleetMaterial material = SmallFleet.material(1, folder.resolve("kits"))) {
            FleetRun refused = new FleetRun(masked, material, folder.resolve("ours"), FleetObserver.NONE);
            assertThatThrownBy(() -> refused.run(Checkpoint.NONE, pieces -> pieces))
                    .hasMessageContaining("in one process");
        }
    }

    private static FleetSettings unmasked(Choice merge) throws IOException {
        ObjectNode task = SmallFleet.task(1);
        task.putNull("epsilon");
        return FleetSettings.ideal(5, Privacy.OFF, task)
                .withJudging(new FleetSettings.Judging(1, 40, 2))
                .withMerge(merge);
    }

    private void assertThatACrewDoesTheSame(FleetSettings settings) throws IOException, InterruptedException {
        FleetResult alone = run(settings, 2);
        try (FleetMaterial material = SmallFleet.material(1, folder.resolve("kits"))) {
            Crew crew = pieces -> {
                List<byte[]> done = new ArrayList<>();
                FleetRun helping = new FleetRun(settings, material, folder.resolve("theirs"), FleetObserver.NONE);
                helping.help(work -> {
                    for (byte[] piece : pieces) {
                        done.add(work.of(piece));
                    }
                });
                return done;
            };
            FleetResult together = new FleetRun(settings, material, folder.resolve("ours"), FleetObserver.NONE)
                    .run(Checkpoint.NONE, crew);
            assertThat(together.rounds()).isEqualTo(alone.rounds());
            assertThat(together.adapter().toArray()).isEqualTo(alone.adapter().toArray());
            assertThat(together.participations()).isEqualTo(alone.participations());
            assertThat(together.gains()).isEqualTo(alone.gains());
        }
    }

    private FleetResult run(FleetSettings settings, int workers) throws IOException, InterruptedException {
        try (FleetMaterial material = SmallFleet.material(workers, folder.resolve("kits"))) {
            return new FleetRun(settings, material, folder.resolve("blobs"), FleetObserver.NONE).run();
        }
    }
}
