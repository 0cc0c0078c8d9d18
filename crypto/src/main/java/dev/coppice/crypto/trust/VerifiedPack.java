package dev.coppice.crypto.trust;

import dev.coppice.protocol.release.ReleaseManifest;
import java.util.Map;
import java.util.TreeMap;

/** A verified release together with its files, each checked against the signed hash. Immutable. */
public final class VerifiedPack {
    private final ReleaseManifest manifest;
    private final Map<String, byte[]> files;

    VerifiedPack(ReleaseManifest manifest, Map<String, byte[]> files) {
        this.manifest = manifest;
        this.files = files;
    }

    /** What was signed. */
    public ReleaseManifest manifest() {
        return manifest;
    }

    /** Copies of the files, by name, ascending. */
    public Map<String, byte[]> files() {
        Map<String, byte[]> copies = new TreeMap<>();
        files.forEach((name, content) -> copies.put(name, content.clone()));
        return copies;
    }
}
