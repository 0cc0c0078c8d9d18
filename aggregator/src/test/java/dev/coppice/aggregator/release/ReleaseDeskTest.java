package dev.coppice.aggregator.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.release.KeySignature;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release that devices could not fetch or would refuse unread is not offered to them; the one before stays. */
class ReleaseDeskTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    Path folder;

    private ReleaseDesk desk;
    private PackFile stored;

    @BeforeEach
    void oneFile() throws Exception {
        BlobFolder blobs = new BlobFolder(folder);
        desk = new ReleaseDesk(new MemoryStore(), blobs);
        stored = PackFile.newBuilder()
                .setName("a")
                .setSha256(blobs.put(CONTENT))
                .setBytes(CONTENT.length)
                .build();
    }

    @Test
    void aLaterReleaseReplacesTheOneBeforeAndAnEarlierOneDoesNot() throws Exception {
        byte[] second = signed(manifest().setVersion(2));
        desk.publish(second);
        assertRefused("later one", signed(manifest().setVersion(2)));
        assertRefused("later one", signed(manifest().setVersion(1)));
        assertThat(desk.find("lights")).contains(ByteString.copyFrom(second));
        byte[] third = signed(manifest().setVersion(3));
        desk.publish(third);
        assertThat(desk.find("lights")).contains(ByteString.copyFrom(third));
    }

    @Test
    void whatDevicesCouldNotUseIsNotOffered() {
        SignedRelease unsigned = SignedRelease.newBuilder()
                .setManifest(manifest().build().toByteString())
                .build();
        PackFile missing = stored.toBuilder().setSha256("0".repeat(64)).build();
        PackFile outside = stored.toBuilder().setSha256("../operator.token").build();
        PackFile longer = stored.toBuilder().setBytes(CONTENT.length + 1).build();
        assertRefused("is signed", unsigned.toByteArray());
        assertRefused("A skill is", signed(manifest().setSkill("../lights")));
        assertRefused("A version is", signed(manifest().setVersion(0)));
        assertRefused("has files", signed(manifest().clearFiles()));
        assertRefused("not stored", signed(manifest().addFiles(missing)));
        assertRefused("not stored", signed(manifest().addFiles(outside)));
        assertRefused("another length", signed(manifest().addFiles(longer)));
        assertRefused("Not a signed release", new byte[] {1, 2, 3});
        assertThat(desk.find("lights")).isEmpty();
    }

    private ReleaseManifest.Builder manifest() {
        return ReleaseManifest.newBuilder().setSkill("lights").setVersion(1).addFiles(stored);
    }

    private static byte[] signed(ReleaseManifest.Builder manifest) {
        return SignedRelease.newBuilder()
                .setManifest(manifest.build().toByteString())
                .addSignatures(KeySignature.getDefaultInstance())
                .build()
                .toByteArray();
    }

    private void assertRefused(String rule, byte[] release) {
        assertThatThrownBy(() -> desk.publish(release))
                .isInstanceOf(ReleaseRefusedException.class)
                .hasMessageContaining(rule);
    }
}
