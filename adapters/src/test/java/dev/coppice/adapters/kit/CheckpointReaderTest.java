package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class CheckpointReaderTest {
    @FuzzTest
    void anyBytesAreACheckpointOrRefused(byte[] file) {
        try {
            assertThat(CheckpointReader.read(file).trained().layout().count()).isLessThanOrEqualTo(file.length);
        } catch (KitRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
