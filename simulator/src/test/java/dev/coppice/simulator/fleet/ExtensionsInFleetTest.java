package dev.coppice.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Choice;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.DeviceClasses;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.fleet.FleetSettings.Adversary;
import dev.coppice.simulator.fleet.FleetSettings.Judging;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtensionsInFleetTest {
    @TempDir
    Path folder;

    /** With all devices opposite and without a clip, the fleet goes exactly the other way. */
    @Test
    void anAttackFromOutsideIsPlayed() throws IOException, InterruptedException {
        try (FleetMaterial material = SmallFleet.material(2, folder.resolve("kits"))) {
            FleetSettings honest = plain(1);
            Choice opposite = new Choice("example-opposite", new Parameters(Map.of("times", 1.0)));
            FleetSettings attacked = honest.withAttack(Optional.of(new Adversary(opposite, 1, 1)));
            float[] start = material.initial().toArray();
            float[] there = run(honest, material).adapter().toArray();
            FleetResult result = run(attacked, material);
            float[] back = result.adapter().toArray();
            for (int i = 0; i < start.length; i++) {
                assertThat(back[i] - start[i]).isCloseTo(start[i] - there[i], within());
            }
            assertThat(there).isNotEqualTo(start);
            assertThat(result.rounds().getLast().attackers()).isEqualTo(SmallFleet.COHORT);
            assertThat(result.rounds().getLast().attackSuccess()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void aMergeFromOutsideIsPlayedWhereTheServerSeesParts() throws IOException, InterruptedException {
        try (FleetMaterial material = SmallFleet.material(1, folder.resolve("kits"))) {
            FleetSettings first = plain(1).withMerge(Choice.of("example-first"));
            assertThat(run(first, material).adapter().toArray())
                    .isNotEqualTo(run(plain(1), material).adapter().toArray());
            FleetSettings masked = FleetSettings.ideal(1, Privacy.SECAGG_DDG, SmallFleet.task(1))
                    .withMerge(Choice.of("example-first"));
            assertThatThrownBy(() -> run(masked, material)).hasMessageContaining("goes with privacy off");
            FleetSettings oneGroup = masked.withPrivacy(Privacy.TRUST_SUM);
            assertThatThrownBy(() -> run(oneGroup, material)).hasMessageContaining("groupSize");
        }
    }

    @Test
    void aPartitionAndDeviceClassesFromOutsideAreFound() {
        Corpus corpus = new Corpus(
                IntStream.range(0, 30)
                        .mapToObj(i -> new Example("text " + i, ""))
                        .toList(),
                List.of());
        DealtData data = DealtData.of(Task.CAUSAL_LM, corpus, Choice.of("example-in-turn"), 3, DealtData.Drift.NONE, 1);
        assertThat(data.devices()).isEqualTo(3);
        assertThat(data.training(1, 1))
                .allMatch(example -> Integer.parseInt(example.text().substring(5)) % 3 == 1);
        assertThat(data.training(1, 1)).hasSize(8).doesNotContainAnyElementsOf(data.heldOut(1));
        assertThat(Extensions.named(DeviceClasses.class, "set", "example-toasters")
                        .classes())
                .hasSize(1);
    }

    private static Offset<Float> within() {
        return Offset.offset(2e-6f);
    }

    private static FleetSettings plain(int rounds) throws IOException {
        ObjectNode task = SmallFleet.task(rounds);
        task.putNull("epsilon");
        return FleetSettings.ideal(1, Privacy.OFF, task).withJudging(new Judging(1, 40, 0));
    }

    private FleetResult run(FleetSettings settings, FleetMaterial material) throws IOException, InterruptedException {
        return new FleetRun(settings, material, folder.resolve("blobs"), FleetObserver.NONE).run();
    }
}
