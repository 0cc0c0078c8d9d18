package dev.coppice.adapters.model.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderShape;

class ForeignFilesTest {
    @FuzzTest
    void anyBytesDescribeADecoderOrAreRefused(byte[] json) {
        try {
            DecoderShape shape = LlamaConfig.shape(ConfigJson.of("config.json", json), 64);
            assertThat(shape.tensors()).isNotEmpty();
        } catch (ModelRefusedException refused) {
            assertThat(refused.getMessage()).startsWith("config.json ");
        }
    }
}
