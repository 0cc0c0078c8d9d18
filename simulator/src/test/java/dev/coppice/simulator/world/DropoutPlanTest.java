package dev.coppice.simulator.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.simulator.world.DropoutPlan.Step;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropoutPlanTest {
    private static final int DEVICES = 500;
    private static final int ROUNDS = 40;

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void devicesVanishAsOftenAsAskedAndBeforeEveryStepAlike(long seed) {
        DropoutPlan plan = DropoutPlan.draw(0.1, DEVICES, ROUNDS, SeededRandomSource.of(seed));

        Map<Step, Integer> counts = new EnumMap<>(Step.class);
        for (int round = 1; round <= ROUNDS; round++) {
            for (int device = 0; device < DEVICES; device++) {
                plan.find(device, round).ifPresent(step -> counts.merge(step, 1, Integer::sum));
            }
        }

        double expected = 0.1 * DEVICES * ROUNDS / Step.values().length;
        assertThat(counts).hasSize(Step.values().length);
        assertThat(counts.values())
                .allSatisfy(count -> assertThat((double) count).isCloseTo(expected, within(6 * Math.sqrt(expected))));
    }

    @Test
    void withoutDropOutsNobodyVanishes() {
        DropoutPlan plan = DropoutPlan.draw(0, DEVICES, 1, SeededRandomSource.of(1));

        for (int device = 0; device < DEVICES; device++) {
            assertThat(plan.find(device, 1)).isEmpty();
        }
    }
}
