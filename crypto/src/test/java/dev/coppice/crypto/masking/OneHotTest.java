package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Device i puts in the unit vector i, so that the sum says exactly who was counted, and how often. */
class OneHotTest {
    @Test
    void theSumOfARoundWithoutDropOutsIsOneForEachDevice() throws Exception {
        var world = new RoundWorld(1, 40, RoundWorld.terms(64, 0.05, 0.1));
        world.advertise().share().mask().unmask();
        assertThat(world.sum()).isEqualTo(world.expected());
    }
}
