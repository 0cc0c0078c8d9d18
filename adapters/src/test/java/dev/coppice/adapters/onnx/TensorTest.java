package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorTest {
    @ParameterizedTest
    @CsvSource({
        "3C00, 1",
        "C000, -2",
        "3555, 0.33325195",
        "7BFF, 65504",
        "0001, 5.9604645e-8",
        "8000, -0.0",
        "FC00, -Infinity"
    })
    void halvesAreReadAsTheStandardHasThem(String bits, float expected) {
        Tensor stored = Tensor.ofData(ElementType.FLOAT16, shorts(bits), 1);
        assertThat(stored.toFloats()).containsExactly(expected);
    }

    @Test
    void brainFloatsAreTheUpperHalvesOfFloats() {
        Tensor stored = Tensor.ofData(ElementType.BFLOAT16, shorts("3F80", "C049"), 2);
        assertThat(stored.toFloats()).containsExactly(1f, -3.140625f);
    }

    @Test
    void valuesAreConvertedWhenTheyAreRead() {
        Tensor wide =
                Tensor.ofData(ElementType.FLOAT16, shorts("3C00", "4000"), 2).as(ElementType.DOUBLE);
        assertThat(wide.type()).isEqualTo(ElementType.DOUBLE);
        assertThat(wide.data().remaining()).isEqualTo(16);
        assertThat(wide).isEqualTo(Tensor.ofDoubles(new double[] {1, 2}, 2));
    }

    @Test
    void numbersOfFourBitsArePackedLowHalfFirst() {
        Tensor signed = Tensor.ofLongs(ElementType.INT4, new long[] {-8, 7, -1}, 3);
        assertThat(signed.data().remaining()).isEqualTo(2);
        assertThat(signed.data().get(0)).isEqualTo((byte) 0x78);
        assertThat(signed.toLongs()).containsExactly(-8, 7, -1);
        assertThat(Tensor.ofLongs(ElementType.UINT4, new long[] {15, 0, 9}, 3).toLongs())
                .containsExactly(15, 0, 9);
    }

    @Test
    void numbersOfEightBitsKeepTheirSign() {
        assertThat(Tensor.ofLongs(ElementType.INT8, new long[] {-128, 127}, 2).toLongs())
                .containsExactly(-128, 127);
        assertThat(Tensor.ofLongs(ElementType.UINT8, new long[] {128, 255}, 2).toLongs())
                .containsExactly(128, 255);
    }

    @Test
    void bytesThatDoNotFillTheShapeAreRefused() {
        assertThatThrownBy(() -> Tensor.ofData(ElementType.FLOAT16, shorts("3C00"), 2))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("FLOAT16[2]");
    }

    private static ByteBuffer shorts(String... hex) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * hex.length).order(ByteOrder.LITTLE_ENDIAN);
        for (String bits : hex) {
            bytes.putShort((short) Integer.parseInt(bits, 16));
        }
        return bytes.flip();
    }
}
