package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.sealing.SealBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A file of records that only grows. When {@link #append} returns, its records survive a crash; when it does not
 * return, or throws, either all of them are there later or none.
 *
 * <p>On disk each append is a frame: length of the body (4 bytes, big-endian), CRC-32C of length and body (4 bytes),
 * body; the body is encrypted, as the piece of {@link StorageKey} at the frame's number; and in it are the records, each
 * after its length (4 bytes). A crash can leave one unfinished frame at the end, which the next {@link #open} cuts off.
 * Damage with a whole frame after it was no crash, and is refused rather than cut; so are whole frames of another key,
 * another file or another place. Use on one thread.
 */
public final class Journal implements RecordLog {
    private static final int HEADER_BYTES = 8;
    private static final int LENGTH_BYTES = 4;
    private static final int BODY_BYTES_MAX = 1 << 26;

    private final Path file;
    private FileChannel channel;
    private final StorageKey key;
    private final int recordBytesMax;
    private final List<byte[]> records;
    private long frames;
    private boolean failed;

    private Journal(
            Path file, FileChannel channel, StorageKey key, int recordBytesMax, List<byte[]> records, long frames) {
        this.file = file;
        this.channel = channel;
        this.key = key;
        this.frames = frames;
        this.recordBytesMax = recordBytesMax;
        this.records = records;
    }

    /**
     * Opens a journal, or starts one, and cuts off a tail that a crash left unfinished.
     *
     * @param file the journal; its folder exists
     * @param recordBytesMax longest record
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if there is damage that no crash explains
     * @throws IOException if it cannot be read or written
     */
    @MustBeClosed
    public static Journal open(Path file, int recordBytesMax, StorageKey key) throws IOException {
        if (!Files.exists(file)) {
            PrivateFiles.makeFile(file);
            PrivateFiles.forceFolderOf(file);
        }
        byte[] bytes = Files.readAllBytes(file);
        List<byte[]> records = new ArrayList<>();
        int end = 0;
        long frames = 0;
        while (frameAt(bytes, end)) {
            int next = end + HEADER_BYTES + ByteBuffer.wrap(bytes).getInt(end);
            byte[] sealed = Arrays.copyOfRange(bytes, end + HEADER_BYTES, next);
            split(file, ByteBuffer.wrap(opened(file, key, frames, sealed)), recordBytesMax, records);
            end = next;
            frames++;
        }
        refuseDamageBeforeFrames(file, bytes, end);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            if (end < bytes.length) {
                channel.truncate(end);
                channel.force(true);
            }
            channel.position(end);
            return new Journal(file, channel, key, recordBytesMax, records, frames);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** What {@link #open} found, in the order of appending. Handed over once, so that it is not kept twice. */
    public List<byte[]> takeRecords() {
        List<byte[]> found = List.copyOf(records);
        records.clear();
        return found;
    }

    /** Reads one record. */
    @FunctionalInterface
    interface Decoder<T> {
        T decode(byte[] record) throws Frames.MalformedException;
    }

    /**
     * The same, decoded.
     *
     * @throws StoreBrokenException if one is not what it should be; the journal is closed then
     */
    <T> List<T> takeRecords(Decoder<T> decoder) throws IOException {
        List<T> decoded = new ArrayList<>();
        try {
            for (byte[] record : takeRecords()) {
                decoded.add(decoder.decode(record));
            }
        } catch (Frames.MalformedException e) {
            close();
            throw new StoreBrokenException(file, e.what());
        }
        return decoded;
    }

    /**
     * Appends records, all or none, and waits until they are on the disk.
     *
     * @param payloads 1 to recordBytesMax bytes each, together at most 64 MiB
     * @throws StoreFailedException if the disk does not take them, as when it is full; the next append may do
     * @throws IOException if they may not be on the disk; the journal then takes nothing until it is opened again
     */
    @Override
    public void append(List<byte[]> payloads) throws IOException {
        if (failed) {
            throw new IOException("an earlier append failed; open the journal again");
        }
        if (payloads.isEmpty()) {
            return;
        }
        ByteBuffer frame = frame(payloads, frames);
        failed = true;
        long end = channel.position();
        try {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        } catch (IOException e) {
            channel.truncate(end); // which needs no room
            channel.position(end);
            failed = false;
            throw new StoreFailedException(file, e);
        }
        channel.force(true);
        frames++;
        failed = false;
    }

    /**
     * Replaces all records, durably: after a crash there are the old ones or the new ones.
     *
     * @param payloads 1 to recordBytesMax bytes each
     * @throws StoreFailedException if the disk does not take them, as when it is full; the old ones are still there
     * @throws IOException if that cannot be done; the journal then takes nothing until it is opened again
     */
    public void rewrite(List<byte[]> payloads) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        long fresh = 0;
        for (byte[] payload : payloads) {
            whole.writeBytes(frame(List.of(payload), fresh).array());
            fresh++;
        }
        PrivateFiles.replace(file, whole.toByteArray());
        failed = true;
        channel.close();
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
        channel.position(channel.size());
        frames = fresh;
        failed = false;
    }

    /** Closes the file. Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    private ByteBuffer frame(List<byte[]> payloads, long number) {
        long body = 0;
        for (byte[] payload : payloads) {
            if (payload.length == 0 || payload.length > recordBytesMax) {
                throw new IllegalArgumentException(
                        "a record of " + payload.length + " bytes; 1 to " + recordBytesMax + " are allowed");
            }
            body += LENGTH_BYTES + payload.length;
        }
        if (body > BODY_BYTES_MAX - StorageKey.OVERHEAD_BYTES) {
            throw new IllegalArgumentException(body + " bytes at once; at most " + BODY_BYTES_MAX);
        }
        ByteBuffer plain = ByteBuffer.allocate((int) body);
        payloads.forEach(payload -> plain.putInt(payload.length).put(payload));
        byte[] sealed = key.seal(file.getFileName().toString(), number, plain.array());
        return ByteBuffer.allocate(HEADER_BYTES + sealed.length)
                .putInt(sealed.length)
                .putInt(Checksums.crc(sealed.length, sealed, 0))
                .put(sealed)
                .flip();
    }

    private static byte[] opened(Path file, StorageKey key, long frame, byte[] sealed) throws StoreBrokenException {
        try {
            return key.open(file.getFileName().toString(), frame, sealed);
        } catch (SealBrokenException e) {
            throw StoreBrokenException.unopened(file, sealed, "append " + frame);
        }
    }

    private static void split(Path file, ByteBuffer body, int recordBytesMax, List<byte[]> into)
            throws StoreBrokenException {
        while (body.hasRemaining()) {
            int length = body.remaining() < LENGTH_BYTES ? -1 : body.getInt();
            if (length < 1 || length > recordBytesMax || length > body.remaining()) {
                throw new StoreBrokenException(file, "a record's length is impossible");
            }
            byte[] record = new byte[length];
            body.get(record);
            into.add(record);
        }
    }

    private static void refuseDamageBeforeFrames(Path file, byte[] bytes, int end) throws StoreBrokenException {
        for (int at = end + 1; at < bytes.length; at++) {
            if (frameAt(bytes, at)) {
                throw new StoreBrokenException(file, "unreadable from byte " + end + ", readable again from " + at);
            }
        }
    }

    private static boolean frameAt(byte[] bytes, int at) {
        if (bytes.length - at <= HEADER_BYTES) {
            return false;
        }
        int length = ByteBuffer.wrap(bytes).getInt(at);
        return length >= 1
                && length <= BODY_BYTES_MAX
                && length <= bytes.length - at - HEADER_BYTES
                && ByteBuffer.wrap(bytes).getInt(at + 4) == Checksums.crc(length, bytes, at + HEADER_BYTES);
    }
}
