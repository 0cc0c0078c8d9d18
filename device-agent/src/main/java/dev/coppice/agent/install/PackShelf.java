package dev.coppice.agent.install;

import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.VerifiedPack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The installed pack, the one before it, and the highest version ever verified, in one file that is replaced whole:
 * after a crash there is the old state or the new one. Use on one thread.
 */
public final class PackShelf {
    private static final int BYTES_MAX = 1 << 28;

    private final StateFile state;
    private Content content;

    /** What is in the file. */
    private record Content(long versionSeen, Optional<ShelvedPack> installed, Optional<ShelvedPack> previous) {}

    private PackShelf(StateFile state, Content content) {
        this.state = state;
        this.content = content;
    }

    /**
     * Opens the shelf in a home; empty if nothing was ever installed.
     *
     * @throws StoreBrokenException if the file was changed by someone else
     */
    public static PackShelf open(Path home, StorageKey key) throws IOException {
        Path file = home.resolve("packs");
        StateFile state = new StateFile(file, BYTES_MAX, key);
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return new PackShelf(state, new Content(0, Optional.empty(), Optional.empty()));
        }
        try {
            return new PackShelf(state, decode(stored.get()));
        } catch (Frames.MalformedException e) {
            throw new StoreBrokenException(file, e.what());
        }
    }

    /** Highest version that was verified on this device, installed or not; 0 if none. Never falls. */
    public long versionSeen() {
        return content.versionSeen();
    }

    /** The installed pack. */
    public Optional<ShelvedPack> installed() {
        return content.installed();
    }

    /** Installs a pack; the one that was installed stays at hand for {@link #rollBack}. */
    public void install(VerifiedPack pack) throws IOException {
        ShelvedPack fresh = ShelvedPack.of(pack);
        replace(new Content(higher(fresh.version()), Optional.of(fresh), content.installed()));
    }

    /** Notes that a version was verified and found worse, so that neither it nor an older one is tried again. */
    public void decline(long version) throws IOException {
        replace(new Content(higher(version), content.installed(), content.previous()));
    }

    /**
     * Goes back to the pack before this one, or to none if there was none.
     *
     * @return whether anything was installed to go back from
     */
    public boolean rollBack() throws IOException {
        if (content.installed().isEmpty()) {
            return false;
        }
        replace(new Content(content.versionSeen(), content.previous(), Optional.empty()));
        return true;
    }

    /** Leaves only what release keys still vouch for; the one before takes the place of an installed one that is gone. */
    public void drop(List<ReleasedPack> released) throws IOException {
        Optional<ShelvedPack> previous = content.previous().filter(pack -> pack.isAmong(released));
        Optional<ShelvedPack> installed = content.installed().filter(pack -> pack.isAmong(released));
        replace(new Content(
                content.versionSeen(),
                installed.isPresent() ? installed : previous,
                installed.isPresent() ? previous : Optional.empty()));
    }

    /** Puts an earlier pack in the installed one's place; that one is not kept. */
    public void returnTo(VerifiedPack pack) throws IOException {
        replace(new Content(content.versionSeen(), Optional.of(ShelvedPack.of(pack)), Optional.empty()));
    }

    /** Leaves no pack; the versions that were seen stay so. */
    public void clear() throws IOException {
        replace(new Content(content.versionSeen(), Optional.empty(), Optional.empty()));
    }

    private long higher(long version) {
        return Math.max(content.versionSeen(), version);
    }

    private void replace(Content fresh) throws IOException {
        state.write(encode(fresh));
        content = fresh;
    }

    private static byte[] encode(Content content) {
        return Frames.join(List.of(
                ByteBuffer.allocate(Long.BYTES).putLong(content.versionSeen()).array(),
                content.installed().map(ShelvedPack::encode).orElse(new byte[0]),
                content.previous().map(ShelvedPack::encode).orElse(new byte[0])));
    }

    private static Content decode(byte[] bytes) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(bytes);
        if (parts.size() != 3 || parts.get(0).length != Long.BYTES) {
            throw new Frames.MalformedException("a shelf has three parts");
        }
        return new Content(ByteBuffer.wrap(parts.get(0)).getLong(), pack(parts.get(1)), pack(parts.get(2)));
    }

    private static Optional<ShelvedPack> pack(byte[] bytes) throws Frames.MalformedException {
        return bytes.length == 0 ? Optional.empty() : Optional.of(ShelvedPack.decode(bytes));
    }
}
