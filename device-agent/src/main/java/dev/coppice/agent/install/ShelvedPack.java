package dev.coppice.agent.install;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.agent.store.Frames;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.trust.VerifiedPack;
import dev.coppice.protocol.release.ReleaseManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A pack as it is kept: it was verified before it was written. Immutable. */
public final class ShelvedPack {
    private final ReleaseManifest manifest;
    private final Map<String, byte[]> files;

    private ShelvedPack(ReleaseManifest manifest, Map<String, byte[]> files) {
        this.manifest = manifest;
        this.files = files;
    }

    static ShelvedPack of(VerifiedPack pack) {
        return new ShelvedPack(pack.manifest(), pack.files());
    }

    public ReleaseManifest manifest() {
        return manifest;
    }

    public long version() {
        return manifest.getVersion();
    }

    /** Copies of the files, by name. */
    public Map<String, byte[]> files() {
        Map<String, byte[]> copies = new TreeMap<>();
        files.forEach((name, content) -> copies.put(name, content.clone()));
        return copies;
    }

    /** SHA-256 of what was signed: what a personal adapter is bound to. */
    public String id() {
        return Sha256.hex(manifest.toByteArray());
    }

    byte[] encode() {
        List<byte[]> parts = new ArrayList<>();
        parts.add(manifest.toByteArray());
        files.forEach((name, content) -> {
            parts.add(Frames.utf8(name));
            parts.add(content);
        });
        return Frames.join(parts);
    }

    static ShelvedPack decode(byte[] bytes) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(bytes);
        if (parts.size() % 2 != 1) {
            throw new Frames.MalformedException("a pack is a manifest and named files");
        }
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 1; i < parts.size(); i += 2) {
            files.put(Frames.text(parts.get(i)), parts.get(i + 1));
        }
        try {
            return new ShelvedPack(ReleaseManifest.parseFrom(parts.get(0)), files);
        } catch (InvalidProtocolBufferException e) {
            throw new Frames.MalformedException("a pack's manifest is none");
        }
    }
}
