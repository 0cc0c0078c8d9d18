package dev.coppice.crypto.trust;

import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A release that passed every rule that can be judged without its files. Only {@link ReleaseVerifier} makes one. */
public final class VerifiedRelease {
    private final ReleaseManifest manifest;

    VerifiedRelease(ReleaseManifest manifest) {
        this.manifest = manifest;
    }

    /** What was signed. */
    public ReleaseManifest manifest() {
        return manifest;
    }

    /** The version, above every one that the device had seen. */
    public long version() {
        return manifest.getVersion();
    }

    /** The files to fetch, ascending by name. */
    public List<PackFile> files() {
        return manifest.getFilesList();
    }

    /**
     * Accepts the files if they are exactly the signed ones.
     *
     * @param contents by name; copied
     * @return the only type that may be installed
     * @throws ReleaseRefusedException.FileDiffers naming the first file that is missing, too many or different
     */
    public VerifiedPack verifyFiles(Map<String, byte[]> contents) throws ReleaseRefusedException.FileDiffers {
        Map<String, byte[]> files = new TreeMap<>();
        for (PackFile file : files()) {
            byte[] content = contents.get(file.getName());
            if (content == null) {
                throw new ReleaseRefusedException.FileDiffers(file.getName(), "it is missing");
            }
            if (content.length != file.getBytes()) {
                throw new ReleaseRefusedException.FileDiffers(file.getName(), "its length differs");
            }
            byte[] copy = content.clone();
            if (!Sha256.hex(copy).equals(file.getSha256())) {
                throw new ReleaseRefusedException.FileDiffers(file.getName(), "its SHA-256 differs");
            }
            files.put(file.getName(), copy);
        }
        for (String name : contents.keySet()) {
            if (!files.containsKey(name)) {
                throw new ReleaseRefusedException.FileDiffers(name, "nobody signed it");
            }
        }
        return new VerifiedPack(manifest, files);
    }
}
