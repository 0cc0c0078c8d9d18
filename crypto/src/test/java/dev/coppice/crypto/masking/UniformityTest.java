package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.protocol.round.KeyAgreement;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the server receives from one device says nothing about its input. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class UniformityTest {
    private static final int VALUES = 1 << 15;
    private static final int BINS = 256;

    private final KeyAgreement agreement;

    UniformityTest(KeyAgreement agreement) {
        this.agreement = agreement;
    }

    /** 255 degrees of freedom: mean 255, deviation 22.6. Beyond 7 deviations either way it is not chance. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aMaskedConstantLooksLikeNoise(long seed) throws Exception {
        int[] values = masked(seed, 12_345);
        for (int shift : new int[] {0, 6, 12}) { // low, middle and high bits of 20
            int[] counts = new int[BINS];
            for (int value : values) {
                counts[(value >>> shift) & (BINS - 1)]++;
            }
            double expected = (double) VALUES / BINS;
            double statistic = Arrays.stream(counts)
                    .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                    .sum();
            assertThat(statistic).as("seed %d, bits from %d", seed, shift).isBetween(97.0, 413.0);
        }
    }

    @Test
    void theSameInputMaskedTwiceHasNothingInCommon() throws Exception {
        int[] one = masked(1, 7);
        int[] two = masked(2, 7);
        int same = 0;
        for (int i = 0; i < one.length; i++) {
            same += one[i] == two[i] ? 1 : 0;
        }
        assertThat(same).isLessThan(5);
    }

    private int[] masked(long seed, int constant) throws Exception {
        var world = new RoundWorld(seed, 4, RoundWorld.terms(VALUES, 0, 0, agreement));
        world.advertise().share();
        int[] input = new int[VALUES];
        Arrays.fill(input, constant);
        var message = world.shared(0).mask(world.inbox(0), input).message();
        int[] values = new int[VALUES];
        BitPacking.addTo(values, message.getPacked().toByteArray(), 20);
        return values;
    }
}
