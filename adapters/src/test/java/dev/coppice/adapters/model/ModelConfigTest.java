package dev.coppice.adapters.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class ModelConfigTest {
    @FuzzTest
    void anyBytesAreAConfigurationOrRefused(byte[] json) {
        try {
            ModelConfig config = ModelConfig.fromJson(json);
            assertThat(ModelConfig.fromJson(config.toJson()).toJson()).isEqualTo(config.toJson());
        } catch (ModelRefusedException refused) {
            assertThat(refused.getMessage()).startsWith("coppice-model.json ");
        }
    }
}
