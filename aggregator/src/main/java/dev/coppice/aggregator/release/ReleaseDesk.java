package dev.coppice.aggregator.release;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.ReleaseStore;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keeps the signed releases. Whether the signatures are good is for devices to judge, who pinned the release keys: this
 * process has none, and cannot make a release. What is checked here is that devices could fetch all of it.
 */
public final class ReleaseDesk {
    public static final int RELEASE_BYTES_MAX = 256 * 1024;

    private final ReleaseStore releases;
    private final BlobStore blobs;

    public ReleaseDesk(ReleaseStore releases, BlobStore blobs) {
        this.releases = releases;
        this.blobs = blobs;
    }

    /** Offers a release from now on. */
    public void publish(byte[] body) throws ReleaseRefusedException, IOException {
        try {
            SignedRelease release = Messages.parse(SignedRelease.parser(), body, RELEASE_BYTES_MAX);
            ReleaseManifest manifest =
                    Messages.parse(ReleaseManifest.parser(), release.getManifest(), RELEASE_BYTES_MAX);
            check(release, manifest);
            if (!releases.publish(manifest.getSkill(), manifest.getVersion(), release.toByteString())) {
                throw new ReleaseRefusedException("This version or a later one is published");
            }
        } catch (MessageMalformedException e) {
            throw new ReleaseRefusedException("Not a signed release");
        }
    }

    /** The latest release of a skill, as it was published. */
    public Optional<ByteString> find(String skill) {
        return releases.findRelease(skill);
    }

    private void check(SignedRelease release, ReleaseManifest manifest) throws ReleaseRefusedException, IOException {
        require(release.getSignaturesCount() > 0, "A release is signed");
        require(Identifiers.isIdentifier(manifest.getSkill()), "A skill is 1 to 64 characters of [a-z0-9-]");
        require(manifest.getVersion() > 0, "A version is 1 or more");
        require(manifest.getFilesCount() > 0, "A release has files");
        for (PackFile file : manifest.getFilesList()) {
            Optional<Path> blob = blobs.find(file.getSha256());
            require(blob.isPresent(), "A file of the release is not stored");
            require(Files.size(blob.get()) == file.getBytes(), "A file of the release has another length");
        }
    }

    private static void require(boolean holds, String rule) throws ReleaseRefusedException {
        if (!holds) {
            throw new ReleaseRefusedException(rule);
        }
    }
}
