package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Rounding to float16. */
class HalfTest {
    private static final int INFINITY = 0x7c00;

    @Test
    void everyHalfIsTheNearestToItself() {
        for (int bits = 0; bits < INFINITY; bits++) {
            assertThat(Reals.halfOf(Reals.half((short) bits))).isEqualTo((short) bits);
            assertThat(Reals.halfOf(-Reals.half((short) bits))).isEqualTo((short) (bits | 0x8000));
        }
    }

    @Test
    void whatLiesBetweenGoesToTheNearerOrTheEvenOne() {
        for (int bits = 0; bits < INFINITY - 1; bits++) {
            float low = Reals.half((short) bits);
            float high = Reals.half((short) (bits + 1));
            float middle = (low + high) / 2;
            assertThat(Reals.halfOf(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(Reals.halfOf(middle)).isEqualTo((short) (bits + (bits & 1)));
            assertThat(Reals.halfOf(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
        }
    }

    @Test
    void whatIsTooLargeIsRefused() {
        assertThat(Reals.half(Reals.halfOf(65519.99f))).isEqualTo(65504);
        assertThatThrownBy(() -> Reals.halfOf(65520)).isInstanceOf(GraphRefusedException.class);
        assertThatThrownBy(() -> Reals.halfOf(Float.NaN)).isInstanceOf(GraphRefusedException.class);
    }
}
