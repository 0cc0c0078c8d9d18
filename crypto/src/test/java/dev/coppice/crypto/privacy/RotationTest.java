package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
    private static final RotationSeed SEED = seed(0);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 1024})
    void rotatingBackGivesTheVectorAgain(int dimension) {
        double[] values = ramp(dimension);
        var rotation = new Rotation(SEED, dimension);
        rotation.apply(values);
        rotation.undo(values);
        assertThat(values).containsExactly(ramp(dimension), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 1024})
    void rotatingKeepsTheNorm(int dimension) {
        double[] values = ramp(dimension);
        double before = norm(values);
        new Rotation(SEED, dimension).apply(values);
        assertThat(norm(values)).isCloseTo(before, within(1e-9 * before));
    }

    @Test
    void oneLargeValueIsSpreadEvenly() {
        double[] values = new double[1024];
        values[77] = 32;
        new Rotation(SEED, 1024).apply(values);
        assertThat(Arrays.stream(values).map(Math::abs).toArray())
                .containsExactly(Arrays.stream(new double[1024]).map(v -> 1).toArray(), within(1e-12));
    }

    /** The signs are the bits F2 = 0b11110010, 90 = 0b10010000 of the keystream: 1 means minus. */
    @Test
    void theSignsAreTheKeystreamsBitsAndTheMatrixIsHadamards() {
        double[] values = {1, 1, 1, 1};
        new Rotation(SEED, 4).apply(values); // signs +, -, +, +
        assertThat(values).containsExactly(1, 1, -1, 1);
    }

    @Test
    void anotherSeedIsAnotherRotation() {
        double[] one = ramp(64);
        double[] other = ramp(64);
        new Rotation(SEED, 64).apply(one);
        new Rotation(seed(1), 64).apply(other);
        assertThat(one).isNotEqualTo(other);
    }

    private static RotationSeed seed(int offset) {
        byte[] bytes = new byte[RotationSeed.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i + offset);
        }
        return RotationSeed.of(bytes);
    }

    private static double[] ramp(int dimension) {
        double[] values = new double[dimension];
        Arrays.setAll(values, i -> i - 3.5);
        return values;
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }
}
