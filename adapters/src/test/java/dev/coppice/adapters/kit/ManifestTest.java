package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class ManifestTest {
    @FuzzTest
    void anyBytesAreAManifestOrRefused(byte[] json) {
        try {
            assertThat(Manifest.fromJson(json).toJson()).isNotEmpty();
        } catch (KitRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
