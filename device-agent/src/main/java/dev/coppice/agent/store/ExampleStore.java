package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The examples of one device, in the order they were added, on disk and in memory. Every fifth is held out: the
 * device judges by it and never trains on it. Use on one thread.
 */
public final class ExampleStore implements AutoCloseable {
    /** Of this many examples in a row, the last is held out. */
    public static final int HELD_OUT_EVERY = 5;

    /** Longest text, in bytes of UTF-8. */
    public static final int TEXT_BYTES_MAX = 1 << 16;

    /** Longest label, in bytes of UTF-8; empty where there are no labels. */
    public static final int LABEL_BYTES_MAX = 256;

    private static final int RECORD_BYTES_MAX = TEXT_BYTES_MAX + LABEL_BYTES_MAX + 64;

    private final Journal journal;
    private final List<Example> examples;

    private ExampleStore(Journal journal, List<Example> examples) {
        this.journal = journal;
        this.examples = examples;
    }

    /**
     * Opens the store, or starts one.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if it is damaged in a way that no crash explains
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the journal is closed with the store, or here if that fails
    public static ExampleStore open(Path file, StorageKey key) throws IOException {
        Journal journal = Journal.open(file, RECORD_BYTES_MAX, key);
        try {
            List<Example> examples = new ArrayList<>();
            for (byte[] record : journal.takeRecords()) {
                examples.add(decode(record));
            }
            return new ExampleStore(journal, examples);
        } catch (Frames.MalformedException e) {
            journal.close();
            throw new StoreBrokenException(file, e.what());
        }
    }

    /**
     * Adds examples, all or none; when this returns they survive a crash.
     *
     * @throws IllegalArgumentException if a text is empty, a part is too long, or a part is not valid Unicode
     */
    public void add(List<Example> added) throws IOException {
        journal.append(added.stream().map(ExampleStore::encode).toList());
        examples.addAll(added);
    }

    public int count() {
        return examples.size();
    }

    /** What may be trained on, in order. */
    public List<Example> training() {
        return part(false);
    }

    /** What the device judges by, in order. */
    public List<Example> heldOut() {
        return part(true);
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }

    static byte[] encode(Example example) {
        byte[] text = Frames.utf8(example.text());
        byte[] label = Frames.utf8(example.label());
        if (text.length == 0 || text.length > TEXT_BYTES_MAX) {
            throw new IllegalArgumentException("a text has 1 to " + TEXT_BYTES_MAX + " bytes of UTF-8");
        }
        if (label.length > LABEL_BYTES_MAX) {
            throw new IllegalArgumentException("a label has at most " + LABEL_BYTES_MAX + " bytes of UTF-8");
        }
        return Frames.join(List.of(text, label));
    }

    static Example decode(byte[] record) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(record);
        if (parts.size() != 2
                || parts.get(0).length == 0
                || parts.get(0).length > TEXT_BYTES_MAX
                || parts.get(1).length > LABEL_BYTES_MAX) {
            throw new Frames.MalformedException("an example has a text and a label");
        }
        return new Example(Frames.text(parts.get(0)), Frames.text(parts.get(1)));
    }

    private List<Example> part(boolean heldOut) {
        List<Example> part = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            if ((i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) == heldOut) {
                part.add(examples.get(i));
            }
        }
        return part;
    }
}
