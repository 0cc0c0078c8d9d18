package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The edges of what a device accepts as survivors. */
class SurvivorRulesTest {
    /** Defence: {@code badInWindow} in {@link SurvivorRules}; the window is moved once around the whole ring. */
    @Test
    void aWindowWithNoMoreSurvivorsThanBadDevicesCanBeInItIsRefusedWhereverItLies() throws Exception {
        var world = new RoundWorld(15, 0, RoundWorld.terms(16, 0.05, 0.2));
        GroupParameters parameters = GroupParameters.search(1000, 50, 0.2);
        Ring ring = RingTest.ring(parameters, new byte[32]);
        int bad = SurvivorRules.badInWindow(parameters);
        int width = parameters.degree() / 2;
        assertThat(bad).isBetween(10, width - 1);
        for (int first = 0; first < 1000; first += 37) {
            List<Integer> window = ring.from(first).subList(0, width);
            BitSet online = new BitSet();
            online.set(0, 1000);
            window.subList(bad + 1, width).forEach(online::clear);
            SurvivorRules.check(ring, world.terms, online);
            online.clear(window.get(bad));
            assertThatThrownBy(() -> SurvivorRules.check(ring, world.terms, online))
                    .isInstanceOfSatisfying(
                            RoundRefusedException.class,
                            refused -> assertThat(refused.rule()).isEqualTo(Rule.SURVIVORS_SCATTERED));
        }
    }

    /** Defence: {@code set} in {@link SurvivorRules}: two readings of one bitmap would be two sets. */
    @Test
    void aBitmapOfAnotherLengthOrWithBitsBeyondTheCohortIsRefused() throws Exception {
        var world = new RoundWorld(16, 12, RoundWorld.terms(16, 0.05, 0.2));
        world.advertise().share().mask();
        Survivors good = world.survivors();
        ByteString longer = good.getMasked().concat(ByteString.copyFrom(new byte[1]));
        ByteString beyond = ByteString.copyFrom(new byte[] {-1, 0x1f});
        assertRefused(world, 0, good.toBuilder().setMasked(longer));
        assertRefused(world, 1, good.toBuilder().setShared(longer));
        assertRefused(world, 2, good.toBuilder().setShared(beyond).setMasked(beyond));
        world.masked(3).attest(world.signed(good), world.server.verifyingKey());
    }

    private static void assertRefused(RoundWorld world, int device, Survivors.Builder survivors) {
        assertThatThrownBy(
                        () -> world.masked(device).attest(world.signed(survivors.build()), world.server.verifyingKey()))
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused -> assertThat(refused.rule()).isEqualTo(Rule.SURVIVORS_INCONSISTENT));
    }
}
