package dev.coppice.agent.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.agent.store.Frames;

class ShelvedPackTest {
    @FuzzTest
    void anyBytesAreAPackOrRefused(byte[] bytes) {
        try {
            ShelvedPack pack = ShelvedPack.decode(bytes);
            assertThat(ShelvedPack.decode(pack.encode()).files().keySet())
                    .isEqualTo(pack.files().keySet());
        } catch (Frames.MalformedException refused) {
            assertThat(refused).hasNoCause();
        }
    }
}
