package dev.coppice.crypto.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.coppice.crypto.trust.RolloutPolicy.Lane;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets which pack, and that nobody moves back and forth while the share grows. */
class RolloutPolicyTest {
    private static final int DEVICES = 20_000;

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 250, 999, 1000})
    void aShareOfTheDevicesIsThatLarge(int permille) {
        RolloutPolicy policy = policy(new Lane("*", 2, permille, 1, false));
        long first = IntStream.range(0, DEVICES)
                .filter(i -> policy.version("phone", "device-" + i).orElseThrow() == 2)
                .count();
        double sigma = Math.sqrt(DEVICES * (permille / 1000.0) * (1 - permille / 1000.0));
        assertThat((double) first)
                .isBetween(DEVICES * permille / 1000.0 - 5 * sigma, DEVICES * permille / 1000.0 + 5 * sigma);
    }

    @Test
    void whoIsAmongTheFirstStaysSoAsTheShareGrows() {
        RolloutPolicy small = policy(new Lane("*", 2, 50, 1, false));
        RolloutPolicy large = policy(new Lane("*", 2, 250, 1, false));
        RolloutPolicy next = policy(new Lane("*", 3, 50, 2, false));
        int both = 0;
        int first = 0;
        for (int i = 0; i < DEVICES; i++) {
            if (small.version("phone", "d" + i).orElseThrow() == 2) {
                first++;
                assertThat(large.version("phone", "d" + i)).contains(2L);
                both += next.version("phone", "d" + i).orElseThrow() == 3 ? 1 : 0;
            }
        }
        assertThat(both).as("each version draws anew").isLessThan(first / 4);
    }

    @Test
    void onceItIsHaltedNobodyUsesIt() {
        RolloutPolicy policy = policy(new Lane("*", 2, 1000, 1, true));
        assertThat(IntStream.range(0, 100)
                        .mapToObj(i -> policy.version("phone", "d" + i).orElseThrow()))
                .containsOnly(1L);
    }

    @Test
    void aClassOfDevicesHasItsOwnLane() {
        RolloutPolicy policy = policy(new Lane("phone-small", 5, 1000, 0, false), new Lane("*", 2, 1000, 1, false));
        assertThat(policy.version("phone-small", "d")).contains(5L);
        assertThat(policy.version("tablet", "d")).contains(2L);
        assertThat(policy(new Lane("phone-small", 5, 1000, 0, false)).version("tablet", "d"))
                .isEmpty();
    }

    @Test
    void aPolicyComesBackAsItWas() throws Exception {
        RolloutPolicy policy = policy(new Lane("phone", 5, 10, 0, true), new Lane("*", 2, 1000, 1, false));
        assertThat(RolloutPolicy.parse(policy.toJson())).isEqualTo(policy);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        for (Runnable bad : List.<Runnable>of(
                () -> new Lane("*", 0, 1, 0, false),
                () -> new Lane("*", 1, 1001, 0, false),
                () -> new Lane("*", 1, -1, 0, false),
                () -> new Lane("A b", 1, 1, 0, false),
                () -> new Lane("*", 1, 1, -1, false),
                () -> new RolloutPolicy("lights", 0, List.of()),
                () -> policy(new Lane("*", 1, 1, 0, false), new Lane("*", 2, 1, 0, false)))) {
            assertThatThrownBy(bad::run).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @FuzzTest
    void anyBytesAreAPolicyOrRefused(byte @NotNull [] bytes) throws Exception {
        try {
            RolloutPolicy policy = RolloutPolicy.parse(bytes);
            assertThat(RolloutPolicy.parse(policy.toJson())).isEqualTo(policy);
        } catch (MetadataRefusedException.Malformed refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    private static RolloutPolicy policy(Lane... lanes) {
        return new RolloutPolicy("lights", 7, List.of(lanes));
    }
}
