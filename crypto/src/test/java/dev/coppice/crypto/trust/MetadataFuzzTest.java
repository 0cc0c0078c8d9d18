package dev.coppice.crypto.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Metadata of any kind from outside: read, and the same when it is written again, or refused. */
class MetadataFuzzTest {
    @FuzzTest
    void anyBytesAreMetadataOrRefused(byte[] bytes) {
        try {
            SignedFile file = SignedFile.parse(bytes);
            assertThat(SignedFile.parse(file.toBytes()).toBytes()).isEqualTo(file.toBytes());
            switch (file.unverifiedType()) {
                case "root" -> RootMetadata.read(RootMetadata.read(file).draft());
                case "timestamp" ->
                    TimestampMetadata.read(TimestampMetadata.read(file).draft());
                case "snapshot" ->
                    SnapshotMetadata.read(SnapshotMetadata.read(file).draft());
                default -> TargetsMetadata.read(TargetsMetadata.read(file).draft());
            }
        } catch (MetadataRefusedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }
}
