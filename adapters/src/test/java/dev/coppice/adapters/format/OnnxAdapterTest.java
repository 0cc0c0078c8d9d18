package dev.coppice.adapters.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.testkit.TestData;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxAdapterTest {
    private static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(
            new TensorSpec("l.lora_A.weight", List.of(2, 3)), new TensorSpec("l.lora_B.weight", List.of(1, 2))));
    private static final OnnxAdapter ADAPTER =
            new OnnxAdapter(AdapterWeights.of(LAYOUT, new float[] {1, 2, 3, 4, 5, 6, 7, 8}), 5, 9);

    /** The file that ONNX Runtime's exporter made of a PEFT adapter, and the adapter. */
    @Test
    void contentIsThatOfOnnxRuntimesOwnExporter() throws Exception {
        byte[] file = Files.readAllBytes(TestData.find("models/peft-adapters/stories260k-llama-qv-r4.onnx_adapter"));
        PeftAdapter peft = PeftAdapter.read(TestData.find("models/peft-adapters/llama-qv-r4"));
        OnnxAdapter exported = OnnxAdapter.read(file);
        assertThat(OnnxAdapter.of(peft)).isEqualTo(exported);
        assertThat(OnnxAdapter.read(OnnxAdapter.of(peft).write())).isEqualTo(exported);
        assertThat(exported.toPeft(peft.config()).weights()).isEqualTo(peft.weights());
    }

    @Test
    void whatIsWrittenIsReadBack() throws FormatRefusedException {
        assertThat(OnnxAdapter.read(ADAPTER.write())).isEqualTo(ADAPTER);
        assertThat(ADAPTER.write()).isEqualTo(ADAPTER.write());
    }

    @Test
    void truncatedFilesAndOtherKindsAreRefused() {
        byte[] file = ADAPTER.write();
        for (int length = 0; length < file.length - 4; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> OnnxAdapter.read(cut))
                    .as("cut to %d", length)
                    .isInstanceOf(FormatRefusedException.class);
        }
        file[4] = 'X';
        assertThatThrownBy(() -> OnnxAdapter.read(file)).isInstanceOf(FormatRefusedException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void damagedFilesAreReadOrRefused(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] file = ADAPTER.write();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            anyBytesAreReadOrRefused(file);
        }
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] file) {
        try {
            OnnxAdapter adapter = OnnxAdapter.read(file);
            assertThat(OnnxAdapter.read(adapter.write())).isEqualTo(adapter);
        } catch (FormatRefusedException refused) {
            assertThat(refused.getMessage()).startsWith("an .onnx_adapter file ");
        }
    }
}
