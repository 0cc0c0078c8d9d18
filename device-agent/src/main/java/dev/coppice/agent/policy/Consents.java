package dev.coppice.agent.policy;

import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the device's user allows, and since when; on disk before it counts. Thread-safe. */
public final class Consents {
    private static final int BYTES_MAX = 4096;

    private final StateFile state;
    private final Map<Consent, Instant> given;

    private Consents(StateFile state, Map<Consent, Instant> given) {
        this.state = state;
        this.given = given;
    }

    /**
     * Opens what is kept in a home; nothing is allowed in a new one.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if the file is none of these
     */
    public static Consents open(Path home, StorageKey key) throws IOException {
        Path file = home.resolve("consent");
        StateFile state = new StateFile(file, BYTES_MAX, key);
        Optional<byte[]> stored = state.read();
        try {
            return new Consents(state, stored.isPresent() ? decode(stored.get()) : new EnumMap<>(Consent.class));
        } catch (Frames.MalformedException e) {
            throw new StoreBrokenException(file, e.what());
        }
    }

    /** Whether it is allowed now. */
    public synchronized boolean has(Consent what) {
        return given.containsKey(what);
    }

    /** Since when it is allowed; empty if it is not. */
    public synchronized Optional<Instant> since(Consent what) {
        return Optional.ofNullable(given.get(what));
    }

    /** Notes, durably, that the user allows it. What was allowed before keeps its time. */
    public synchronized void give(Consent what, Instant now) throws IOException {
        Map<Consent, Instant> fresh = new EnumMap<>(given);
        fresh.putIfAbsent(what, now);
        replace(fresh);
    }

    /** Notes, durably, that the user does not allow it any more; whoever asks from now on hears no. */
    public synchronized void withdraw(Consent what) throws IOException {
        Map<Consent, Instant> fresh = new EnumMap<>(given);
        fresh.remove(what);
        given.remove(what); // what is going on stops even if the disk is full
        replace(fresh);
    }

    private void replace(Map<Consent, Instant> fresh) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        fresh.forEach((what, since) -> {
            parts.add(Frames.utf8(what.name()));
            parts.add(ByteBuffer.allocate(Long.BYTES)
                    .putLong(since.toEpochMilli())
                    .array());
        });
        state.write(Frames.join(parts));
        given.clear();
        given.putAll(fresh);
    }

    /** A name that this version does not know was given to another one, and is not allowed here. */
    private static Map<Consent, Instant> decode(byte[] bytes) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(bytes);
        Map<Consent, Instant> given = new EnumMap<>(Consent.class);
        for (int i = 0; i < parts.size(); i += 2) {
            if (i + 1 == parts.size() || parts.get(i + 1).length != Long.BYTES) {
                throw new Frames.MalformedException("a consent has a name and a time");
            }
            String name = Frames.text(parts.get(i));
            Instant since =
                    Instant.ofEpochMilli(ByteBuffer.wrap(parts.get(i + 1)).getLong());
            for (Consent consent : Consent.values()) {
                if (consent.name().equals(name)) {
                    given.put(consent, since);
                }
            }
        }
        return given;
    }
}
