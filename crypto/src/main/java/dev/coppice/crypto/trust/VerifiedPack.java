package dev.coppice.crypto.trust;

import java.util.SortedMap;
import java.util.TreeMap;

/** A released pack together with the files that a device needs, each checked against what was signed. Immutable. */
public final class VerifiedPack {
    private final ReleasedPack release;
    private final SortedMap<String, byte[]> files;

    VerifiedPack(ReleasedPack release, SortedMap<String, byte[]> files) {
        this.release = release;
        this.files = files;
    }

    /** What was signed. */
    public ReleasedPack release() {
        return release;
    }

    /** Copies of the files, by name, ascending. */
    public SortedMap<String, byte[]> files() {
        SortedMap<String, byte[]> copies = new TreeMap<>();
        files.forEach((name, content) -> copies.put(name, content.clone()));
        return copies;
    }
}
