package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The examples of one device, in the order they were added, on disk and in memory. The newest fifth is held out: the
 * device judges by it what it learned from the older ones, as it will be judged by what its user says next. Use on one
 * thread.
 */
public final class ExampleStore implements AutoCloseable {
    /** One of so many examples is held out, the newest ones. */
    public static final int HELD_OUT_ONE_IN = 5;

    /** Longest text, in bytes of UTF-8. */
    public static final int TEXT_BYTES_MAX = 1 << 16;

    /** Longest label, in bytes of UTF-8; empty where there are no labels. */
    public static final int LABEL_BYTES_MAX = 256;

    private static final int RECORD_BYTES_MAX = TEXT_BYTES_MAX + LABEL_BYTES_MAX + 64;
    private static final int ABOUT_BYTES = Long.BYTES + 1;
    private static final Duration EXPIRED_KEPT_MAX = Duration.ofDays(1);

    private final Journal journal;
    private final List<KeptExample> examples;

    private ExampleStore(Journal journal, List<KeptExample> examples) {
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
    @SuppressWarnings("MustBeClosed") // the journal is closed with the store, or by itself if a record is none
    public static ExampleStore open(Path file, StorageKey key) throws IOException {
        Journal journal = Journal.open(file, RECORD_BYTES_MAX, key);
        return new ExampleStore(journal, journal.takeRecords(ExampleStore::decode));
    }

    /**
     * Adds examples, all or none; when this returns they survive a crash.
     *
     * @throws IllegalArgumentException if a text is empty, a part is too long, or a part is not valid Unicode
     */
    public void add(List<KeptExample> added) throws IOException {
        journal.append(added.stream().map(ExampleStore::encode).toList());
        examples.addAll(added);
    }

    /**
     * Deletes what is too old or too much, from the disk too. Does so only if something is a day too old, or there are
     * more than {@code countMax}, of which seven eighths stay: the whole file is written anew for it.
     *
     * @return how many were deleted
     */
    public int expire(Instant now, Duration keptFor, int countMax) throws IOException {
        Instant oldest =
                keptFor.compareTo(Duration.between(Instant.EPOCH, now)) < 0 ? now.minus(keptFor) : Instant.EPOCH;
        boolean tooOld = examples.stream().anyMatch(kept -> kept.when().isBefore(oldest.minus(EXPIRED_KEPT_MAX)));
        boolean tooMany = examples.size() > countMax;
        if (!tooOld && !tooMany) {
            return 0;
        }
        int newest = tooMany ? Math.max(1, countMax - countMax / 8) : countMax;
        List<KeptExample> staying = new ArrayList<>();
        for (int i = Math.max(0, examples.size() - newest); i < examples.size(); i++) {
            if (!examples.get(i).when().isBefore(oldest)) {
                staying.add(examples.get(i));
            }
        }
        int deleted = examples.size() - staying.size();
        replace(staying);
        return deleted;
    }

    /** Deletes all examples, from the disk too. */
    public void clear() throws IOException {
        replace(List.of());
    }

    /** All, in the order they were added. */
    public List<KeptExample> all() {
        return List.copyOf(examples);
    }

    public int count() {
        return examples.size();
    }

    /** What may be trained on: all but the newest fifth, oldest first. */
    public List<Example> training() {
        return plain(examples.subList(0, examples.size() - heldOutCount()));
    }

    /** What the device judges by: the newest fifth, oldest first. */
    public List<Example> heldOut() {
        return plain(examples.subList(examples.size() - heldOutCount(), examples.size()));
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }

    static byte[] encode(KeptExample kept) {
        byte[] text = Frames.utf8(kept.example().text());
        byte[] label = Frames.utf8(kept.example().label());
        if (text.length == 0 || text.length > TEXT_BYTES_MAX) {
            throw new IllegalArgumentException("a text has 1 to " + TEXT_BYTES_MAX + " bytes of UTF-8");
        }
        if (label.length > LABEL_BYTES_MAX) {
            throw new IllegalArgumentException("a label has at most " + LABEL_BYTES_MAX + " bytes of UTF-8");
        }
        byte[] about = ByteBuffer.allocate(ABOUT_BYTES)
                .putLong(kept.when().toEpochMilli())
                .put((byte) (kept.isCorrection() ? 1 : 0))
                .array();
        return Frames.join(List.of(text, label, about));
    }

    static KeptExample decode(byte[] record) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(record);
        if (parts.size() != 3
                || parts.get(0).length == 0
                || parts.get(0).length > TEXT_BYTES_MAX
                || parts.get(1).length > LABEL_BYTES_MAX
                || parts.get(2).length != ABOUT_BYTES) {
            throw new Frames.MalformedException("an example has a text, a label and a time");
        }
        ByteBuffer about = ByteBuffer.wrap(parts.get(2));
        Instant when = Instant.ofEpochMilli(about.getLong());
        Example example = new Example(Frames.text(parts.get(0)), Frames.text(parts.get(1)));
        return new KeptExample(example, when, about.get() != 0);
    }

    private void replace(List<KeptExample> staying) throws IOException {
        journal.rewrite(staying.stream().map(ExampleStore::encode).toList());
        examples.clear();
        examples.addAll(staying);
    }

    private int heldOutCount() {
        return examples.size() / HELD_OUT_ONE_IN;
    }

    private static List<Example> plain(List<KeptExample> kept) {
        return kept.stream().map(KeptExample::example).toList();
    }
}
