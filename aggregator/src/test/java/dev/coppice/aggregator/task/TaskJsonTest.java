package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class TaskJsonTest {
    @FuzzTest
    void anyBytesAreATaskOrRefused(byte[] json) {
        try {
            assertThat(TaskJson.parse(json).rounds()).isPositive();
        } catch (TaskRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
