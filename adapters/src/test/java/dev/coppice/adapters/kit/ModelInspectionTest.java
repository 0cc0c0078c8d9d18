package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelInspectionTest {
    @TempDir
    Path folder;

    @Test
    void aDecoderTellsItsModulesAndThatAKitCanBeMade() throws Exception {
        Path file = folder.resolve("model.onnx");
        TinyDecoder.standard().write(file);
        ModelInspection found = ModelInspection.of(file);
        assertThat(found.refusal()).isEmpty();
        assertThat(found.layers()).isEqualTo(2);
        assertThat(found.opsets()).containsEntry("onnx", 17L);
        assertThat(found.inputs()).contains("input_ids INT64[batch, length]");
        assertThat(found.modules()).contains("model.layers.1.self_attn.q_proj");
        assertThat(found.lowered()).contains("com.microsoft.RotaryEmbedding");
        assertThat(found.parameters()).isBetween(100_000L, 300_000L);
    }

    @Test
    void whatStandsAgainstAKitIsToldWithItsNode() throws Exception {
        ModelBuilder builder = new ModelBuilder("strange");
        String ids = builder.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String odd = builder.nodeOf("com.acme", "Magic", Attributes.none(), ids);
        builder.output(odd, "logits", ElementType.FLOAT, Dim.free("batch"), Dim.free("length"), Dim.fixed(9));
        Path file = folder.resolve("model.onnx");
        builder.write(file);
        assertThat(ModelInspection.of(file).refusal().orElse("")).contains("com.acme.Magic", "custom");
    }
}
