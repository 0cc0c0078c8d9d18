package dev.coppice.adapters.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class OptimizerStateTest {
    @FuzzTest
    void anyBytesAreAStateOrRefused(byte[] bytes) {
        try {
            assertThat(OptimizerState.of(bytes).toBytes()).hasSameSizeAs(bytes);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
