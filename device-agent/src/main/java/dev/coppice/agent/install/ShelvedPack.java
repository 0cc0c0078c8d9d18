package dev.coppice.agent.install;

import dev.coppice.agent.store.Frames;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.VerifiedPack;
import dev.coppice.protocol.Identifiers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A pack as it is kept: it was verified before it was written. Immutable. */
public final class ShelvedPack {
    private final String id;
    private final long version;
    private final String baseModelSha256;
    private final String kitSha256;
    private final Map<String, byte[]> files;

    private ShelvedPack(String id, long version, String baseModelSha256, String kitSha256, Map<String, byte[]> files) {
        this.id = id;
        this.version = version;
        this.baseModelSha256 = baseModelSha256;
        this.kitSha256 = kitSha256;
        this.files = files;
    }

    static ShelvedPack of(VerifiedPack pack) {
        ReleasedPack release = pack.release();
        return new ShelvedPack(
                release.id(), release.version(), release.baseModelSha256(), release.kitSha256(), pack.files());
    }

    public long version() {
        return version;
    }

    /** Names all that was signed: what a personal adapter is bound to. */
    public String id() {
        return id;
    }

    /** Whether a device with this model, whose adapter has this form, can use it. */
    public boolean fits(String modelSha256, String formSha256) {
        return baseModelSha256.equals(modelSha256) && kitSha256.equals(formSha256);
    }

    /** Whether release keys still vouch for it. */
    public boolean isAmong(List<ReleasedPack> released) {
        return released.stream().anyMatch(pack -> pack.id().equals(id));
    }

    /** Copies of the files, by name. */
    public Map<String, byte[]> files() {
        Map<String, byte[]> copies = new TreeMap<>();
        files.forEach((name, content) -> copies.put(name, content.clone()));
        return copies;
    }

    byte[] encode() {
        List<byte[]> parts = new ArrayList<>();
        parts.add(Frames.utf8(id));
        parts.add(ByteBuffer.allocate(Long.BYTES).putLong(version).array());
        parts.add(Frames.utf8(baseModelSha256));
        parts.add(Frames.utf8(kitSha256));
        files.forEach((name, content) -> {
            parts.add(Frames.utf8(name));
            parts.add(content);
        });
        return Frames.join(parts);
    }

    static ShelvedPack decode(byte[] bytes) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(bytes);
        if (parts.size() < 4 || parts.size() % 2 != 0 || parts.get(1).length != Long.BYTES) {
            throw new Frames.MalformedException("a pack is four values and named files");
        }
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 4; i < parts.size(); i += 2) {
            files.put(Frames.text(parts.get(i)), parts.get(i + 1));
        }
        return new ShelvedPack(
                hash(parts.get(0)),
                ByteBuffer.wrap(parts.get(1)).getLong(),
                hash(parts.get(2)),
                hash(parts.get(3)),
                files);
    }

    private static String hash(byte[] bytes) throws Frames.MalformedException {
        String text = Frames.text(bytes);
        if (!Identifiers.isSha256(text)) {
            throw new Frames.MalformedException("a hash is 64 hexadecimal digits");
        }
        return text;
    }
}
