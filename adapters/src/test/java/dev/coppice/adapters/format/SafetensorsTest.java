package dev.coppice.adapters.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    private static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(
            new TensorSpec("b", List.of(2, 3)), new TensorSpec("a", List.of(4)), new TensorSpec("c", List.of())));
    private static final AdapterWeights WEIGHTS =
            AdapterWeights.of(LAYOUT, new float[] {1, -2, 3.5f, 0, 5, 6, 7, 8, 9, 10, Float.MIN_VALUE});

    @Test
    void whatIsWrittenIsReadBack() throws FormatRefusedException {
        assertThat(Safetensors.read(Safetensors.write(WEIGHTS, Map.of("format", "pt"))))
                .isEqualTo(WEIGHTS);
        assertThat(Safetensors.read(Safetensors.write(WEIGHTS), LAYOUT)).isEqualTo(WEIGHTS);
    }

    @Test
    void equalWeightsGiveEqualBytesAndValuesStartAtAMultipleOfEight() {
        byte[] bytes = Safetensors.write(WEIGHTS);
        assertThat(Safetensors.write(AdapterWeights.of(LAYOUT, WEIGHTS.toArray())))
                .isEqualTo(bytes);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8)
                .isZero();
    }

    @Test
    void otherTensorsThanExpectedAreRefused() {
        ParameterLayout other = ParameterLayout.of(List.of(new TensorSpec("a", List.of(11))));
        assertThatThrownBy(() -> Safetensors.read(Safetensors.write(WEIGHTS), other))
                .isInstanceOf(FormatRefusedException.class);
    }

    @Test
    void aFileByHuggingFacePeftIsRead() throws IOException, FormatRefusedException {
        byte[] file = Files.readAllBytes(TestData.find("models/peft-adapters/llama-qv-r4/adapter_model.safetensors"));
        AdapterWeights weights = Safetensors.read(file);
        assertThat(weights.layout().tensors())
                .contains(new TensorSpec(
                        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", List.of(4, 64)));
        assertThat(Safetensors.read(Safetensors.write(weights))).isEqualTo(weights);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"a\":1}",
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} x"
            })
    void brokenHeadersAreRefused(String header) {
        assertThatThrownBy(() -> Safetensors.read(file(header, new byte[4])))
                .isInstanceOf(FormatRefusedException.class);
    }

    @Test
    void aValueThatIsNotFiniteIsRefused() {
        byte[] nan = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(Float.NaN)
                .array();
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        assertThatThrownBy(() -> Safetensors.read(file(header, nan))).isInstanceOf(FormatRefusedException.class);
        assertThat(catchRead(file(header, new byte[4]))).isTrue();
    }

    @Test
    void everyShorterFileIsRefused() {
        byte[] bytes = Safetensors.write(WEIGHTS);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(catchRead(Arrays.copyOf(bytes, length)))
                    .as("cut to %d bytes", length)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void damagedFilesAreReadOrRefusedButNeverMore(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = Safetensors.write(WEIGHTS);
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            catchRead(bytes);
        }
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) {
        catchRead(bytes);
    }

    /** Whether the bytes were accepted; any exception but a refusal fails the test. */
    private static boolean catchRead(byte[] bytes) {
        try {
            return Safetensors.read(bytes).layout().count() > 0;
        } catch (FormatRefusedException e) {
            return false;
        }
    }

    private static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }
}
