package dev.coppice.aggregator.store.folder;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file of records that only grows. A record is the length of its bytes (4 bytes, big-endian), their CRC-32C (RFC 3720; 4 bytes)
 * and the bytes; its place is where it begins. What names places is elsewhere: what no place leads to is rubbish, as of a process
 * that was killed while it wrote. Appending is for one thread at a time, reading for any.
 */
final class InputFile implements AutoCloseable {
    private static final int HEAD_BYTES = 2 * Integer.BYTES;
    private static final int STAGING_BYTES = 1 << 18;

    private final FileChannel channel;
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
    private long end;

    private InputFile(FileChannel channel) throws IOException {
        this.channel = channel;
        this.end = channel.size();
    }

    /** Opens a file, which is made if it is missing. */
    static InputFile open(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        return new InputFile(channel);
    }

    /** Appends a record, which outlives a power cut once it is forced; its place. */
    long append(ByteString bytes) throws IOException {
        long place = end;
        ByteBuffer content = bytes.asReadOnlyByteBuffer();
        CRC32C sum = new CRC32C();
        sum.update(content.duplicate());
        staging.clear().putInt(bytes.size()).putInt((int) sum.getValue());
        long at = place;
        do {
            int part = Math.min(staging.remaining(), content.remaining());
            staging.put(content.slice(content.position(), part));
            content.position(content.position() + part);
            at = write(staging.flip(), at);
            staging.clear();
        } while (content.hasRemaining());
        end = at;
        return place;
    }

    private long write(ByteBuffer bytes, long from) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        return at;
    }

    /** All that was appended is on the disk when this returns. */
    void force() throws IOException {
        channel.force(false);
    }

    /** The record at a place; empty if there is none, or its bytes are not those that were appended. */
    Optional<ByteString> find(long place) throws IOException {
        ByteBuffer head = read(HEAD_BYTES, place);
        int length = head.remaining() < HEAD_BYTES ? -1 : head.getInt();
        if (length < 0 || length > channel.size() - place - HEAD_BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = read(length, place + HEAD_BYTES);
        CRC32C sum = new CRC32C();
        sum.update(bytes.duplicate());
        return bytes.remaining() == length && (int) sum.getValue() == head.getInt()
                ? Optional.of(UnsafeByteOperations.unsafeWrap(bytes))
                : Optional.empty();
    }

    /** Fewer bytes where the file ends before. */
    private ByteBuffer read(int length, long place) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        int read = 0;
        while (read >= 0 && bytes.hasRemaining()) {
            read = channel.read(bytes, place + bytes.position());
        }
        return bytes.flip();
    }

    /**
     * Cuts off what comes after the record at a place.
     *
     * @return false, with nothing changed, if there is none
     */
    boolean cutAfter(long place) throws IOException {
        Optional<ByteString> last = find(place);
        if (last.isEmpty()) {
            return false;
        }
        end = place + HEAD_BYTES + last.get().size();
        channel.truncate(end);
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
