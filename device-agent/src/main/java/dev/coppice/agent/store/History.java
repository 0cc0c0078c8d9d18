package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The last events of a device, on disk and in memory. Thread-safe. */
public final class History implements AutoCloseable {
    private static final int EVENTS_MAX = 1000;
    private static final int RECORD_BYTES_MAX = 256;
    private static final int FIGURES_BYTES = 3 * Long.BYTES + Integer.BYTES + Long.BYTES;

    private final Journal journal;
    private final List<Event> events;

    private History(Journal journal, List<Event> events) {
        this.journal = journal;
        this.events = events;
    }

    /**
     * Opens the history, or starts one.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if it is damaged in a way that no crash explains
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the journal is closed with the history, or by itself if a record is none
    public static History open(Path file, StorageKey key) throws IOException {
        Journal journal = Journal.open(file, RECORD_BYTES_MAX, key);
        List<Event> events = new ArrayList<>();
        journal.takeRecords(History::decode).forEach(event -> event.ifPresent(events::add));
        return new History(journal, events);
    }

    /** Notes an event, durably; beyond a thousand the older half is dropped. */
    public synchronized void add(Event event) throws IOException {
        journal.append(List.of(encode(event)));
        events.add(event);
        if (events.size() > EVENTS_MAX) {
            List<Event> newer = List.copyOf(events.subList(events.size() / 2, events.size()));
            journal.rewrite(newer.stream().map(History::encode).toList());
            events.clear();
            events.addAll(newer);
        }
    }

    /** Deletes all events. */
    public synchronized void clear() throws IOException {
        journal.rewrite(List.of());
        events.clear();
    }

    /** Oldest first. */
    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    @Override
    public synchronized void close() throws IOException {
        journal.close();
    }

    private static byte[] encode(Event event) {
        byte[] figures = ByteBuffer.allocate(FIGURES_BYTES)
                .putLong(event.when().toEpochMilli())
                .putDouble(event.before())
                .putDouble(event.after())
                .putInt(event.examples())
                .putLong(event.packVersion())
                .array();
        return Frames.join(List.of(Frames.utf8(event.kind().name()), figures));
    }

    /** Empty for a kind that a later version wrote. */
    private static Optional<Event> decode(byte[] record) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(record);
        if (parts.size() != 2 || parts.get(1).length != FIGURES_BYTES) {
            throw new Frames.MalformedException("an event has a kind and figures");
        }
        String name = Frames.text(parts.get(0));
        ByteBuffer figures = ByteBuffer.wrap(parts.get(1));
        Instant when = Instant.ofEpochMilli(figures.getLong());
        double before = figures.getDouble();
        double after = figures.getDouble();
        int examples = figures.getInt();
        long packVersion = figures.getLong();
        for (Event.Kind kind : Event.Kind.values()) {
            if (kind.name().equals(name)) {
                return Optional.of(new Event(when, kind, examples, before, after, packVersion));
            }
        }
        return Optional.empty();
    }
}
