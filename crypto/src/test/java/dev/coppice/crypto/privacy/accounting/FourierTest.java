package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FourierTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 64, 256})
    void itIsTheSumThatDefinesIt(int size) {
        var random = new SplittableRandom(size);
        double[] real = random.doubles(size, -1, 1).toArray();
        double[] imaginary = random.doubles(size, -1, 1).toArray();
        double[] fastReal = real.clone();
        double[] fastImaginary = imaginary.clone();
        new Fourier(size).transform(fastReal, fastImaginary);
        for (int k = 0; k < size; k++) {
            double sumReal = 0;
            double sumImaginary = 0;
            for (int n = 0; n < size; n++) {
                double angle = -2 * Math.PI * n * k / size;
                sumReal += real[n] * Math.cos(angle) - imaginary[n] * Math.sin(angle);
                sumImaginary += real[n] * Math.sin(angle) + imaginary[n] * Math.cos(angle);
            }
            assertThat(fastReal[k]).isCloseTo(sumReal, within(1e-11));
            assertThat(fastImaginary[k]).isCloseTo(sumImaginary, within(1e-11));
        }
    }

    @Test
    void otherSizesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Fourier(12));
        assertThatIllegalArgumentException().isThrownBy(() -> new Fourier(0));
    }
}
