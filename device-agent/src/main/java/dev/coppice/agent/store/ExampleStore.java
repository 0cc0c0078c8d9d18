package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
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

    private static final int RECORD_BYTES_MAX = Example.TEXT_BYTES_MAX + Example.LABEL_BYTES_MAX + 64;

    private final Journal journal;
    private final List<Example> examples;

    private ExampleStore(Journal journal, List<Example> examples) {
        this.journal = journal;
        this.examples = examples;
    }

    /**
     * Opens the store, or starts one.
     *
     * @throws StoreBrokenException if it is damaged in a way that no crash explains
     */
    @MustBeClosed
    public static ExampleStore open(Path file) throws IOException {
        Journal journal = Journal.open(file, RECORD_BYTES_MAX);
        try {
            List<Example> examples = new ArrayList<>();
            for (byte[] record : journal.takeRecords()) {
                examples.add(decode(record));
            }
            return new ExampleStore(journal, examples);
        } catch (Frames.MalformedException e) {
            journal.close();
            throw new StoreBrokenException(file, e.getMessage());
        }
    }

    /** Adds examples, all or none; when this returns they survive a crash. */
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
        return Frames.join(List.of(Frames.utf8(example.text()), Frames.utf8(example.label())));
    }

    static Example decode(byte[] record) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(record);
        if (parts.size() != 2) {
            throw new Frames.MalformedException("an example has two parts");
        }
        try {
            return new Example(Frames.text(parts.get(0)), Frames.text(parts.get(1)));
        } catch (IllegalArgumentException e) {
            throw new Frames.MalformedException("an example is out of range");
        }
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
