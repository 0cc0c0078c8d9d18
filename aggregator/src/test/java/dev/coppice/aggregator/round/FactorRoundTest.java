package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.merge.LoraAdapter;
import dev.coppice.adapters.merge.LoraScale;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.round.FactorSet;
import dev.coppice.protocol.round.RoundTerms;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds that are of one LoRA factor; device i adds 1 to the i-th number of what is shared. */
class FactorRoundTest {
    private static final int DEVICES = 10;
    private static final int A = 40;
    /** What updates lose by being whole numbers in a sum. */
    private static final float ROUNDED = 5e-3f;

    @TempDir
    Path folder;

    @Test
    void theFactorsTakeTurnsAndAnAbandonedRoundIsNoTurn() throws Exception {
        RoundWorld world = world("rolora");
        assertTerms(world.terms(1), FactorSet.B_FACTORS, FactorSet.B_FACTORS, 24);
        world.all(0, 4, Actor::advertise);
        world.deadline();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ABORTED);

        assertTerms(world.terms(2), FactorSet.B_FACTORS, FactorSet.B_FACTORS, 24);
        complete(world);
        float[] first = RoundWorld.factors().toArray();
        assertMoved(world.result(2), first, A);

        assertTerms(world.terms(3), FactorSet.A_FACTORS, FactorSet.A_FACTORS, 40);
        float[] second = world.result(2).toArray();
        complete(world);
        assertMoved(world.result(3), second, 0);
        assertThat(world.terms(4).getTraining().getUploaded()).isEqualTo(FactorSet.B_FACTORS);
    }

    @Test
    void aFactorThatDevicesKeepIsNotTouched() throws Exception {
        RoundWorld world = world("fedsa");
        assertTerms(world.terms(1), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS, 40);
        complete(world);
        assertMoved(world.result(1), RoundWorld.factors().toArray(), 0);
        assertTerms(world.terms(2), FactorSet.WHOLE_ADAPTER, FactorSet.A_FACTORS, 40);
    }

    @Test
    void theServerTurnsTheFactorsAndTheirProductStays() throws Exception {
        RoundWorld world = world("fedsvd");
        assertTerms(world.terms(1), FactorSet.B_FACTORS, FactorSet.B_FACTORS, 24);
        complete(world);
        float[] applied = RoundWorld.factors().toArray();
        for (int i = 0; i < DEVICES; i++) {
            applied[A + i] += 1f / DEVICES;
        }
        LoraScale scale = LoraScale.ofAlpha(4);
        LoraAdapter expected = LoraAdapter.of(AdapterWeights.of(RoundWorld.LORA, applied), scale);
        AdapterWeights result = world.result(1);
        assertThat(LoraAdapter.of(result, scale).denseChange("m"))
                .containsExactly(expected.denseChange("m"), within(ROUNDED));
        float[] a = Arrays.copyOf(result.toArray(), A);
        assertThat(dot(a, 0, 0)).isCloseTo(1, within(1e-5));
        assertThat(dot(a, 1, 1)).isCloseTo(1, within(1e-5));
        assertThat(dot(a, 0, 1)).isCloseTo(0, within(1e-5));
        assertTerms(world.terms(2), FactorSet.B_FACTORS, FactorSet.B_FACTORS, 24);
    }

    private RoundWorld world(String rule) throws Exception {
        return new RoundWorld(new MemoryStore(), folder, DEVICES, 4, RoundWorld.Extras.mergedBy(rule));
    }

    private static void assertTerms(RoundTerms terms, FactorSet trained, FactorSet uploaded, int dimension) {
        assertThat(terms.getTraining().getTrained()).isEqualTo(trained);
        assertThat(terms.getTraining().getUploaded()).isEqualTo(uploaded);
        assertThat(terms.getEncoding().getDimension()).isEqualTo(dimension);
    }

    private static void complete(RoundWorld world) throws Exception {
        world.all(0, DEVICES, Actor::advertise);
        world.all(0, DEVICES, Actor::share);
        world.all(0, DEVICES, Actor::mask);
        world.all(0, DEVICES, Actor::attest);
        world.all(0, DEVICES, Actor::unmask);
    }

    /** Numbers from {@code offset} on are larger by each device's share, and the other factor is as it was. */
    private static void assertMoved(AdapterWeights result, float[] before, int offset) {
        float[] expected = before.clone();
        for (int i = 0; i < DEVICES; i++) {
            expected[offset + i] += 1f / DEVICES;
        }
        assertThat(result.toArray()).containsExactly(expected, within(ROUNDED));
        int from = offset == 0 ? A : 0;
        int to = offset == 0 ? before.length : A;
        assertThat(Arrays.copyOfRange(result.toArray(), from, to)).isEqualTo(Arrays.copyOfRange(before, from, to));
    }

    private static double dot(float[] a, int one, int other) {
        double sum = 0;
        for (int i = 0; i < A / 2; i++) {
            sum += (double) a[one * A / 2 + i] * a[other * A / 2 + i];
        }
        return sum;
    }
}
