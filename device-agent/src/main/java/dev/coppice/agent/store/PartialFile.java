package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What has come so far of something that is being fetched, with a tag that says of what. A process that is killed leaves what
 * had come, and the next one goes on. Not encrypted: it is public, and nothing of it is believed before it is whole and its
 * hash is right. On disk: length of the tag (2 bytes), the tag, the bytes. For one thread at a time.
 */
public final class PartialFile {
    /** Longest tag, in bytes. */
    public static final int TAG_BYTES_MAX = 1024;

    private final Path file;
    private final long bytesMax;
    private String tag;
    private long from;
    private long size;

    private PartialFile(Path file, long bytesMax, String tag, long from, long size) {
        this.file = file;
        this.bytesMax = bytesMax;
        this.tag = tag;
        this.from = from;
        this.size = size;
    }

    /**
     * What is there, which may be nothing.
     *
     * @param folder made if it is missing
     * @param bytesMax no more is taken
     */
    public static PartialFile open(Path folder, String name, long bytesMax) throws IOException {
        PrivateFiles.makeFolder(folder);
        Path file = folder.resolve(name);
        if (Files.exists(file) && Files.size(file) >= Short.BYTES) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                int tagBytes = read(channel, 0, Short.BYTES).getShort();
                long from = Short.BYTES + (long) tagBytes;
                if (tagBytes > 0 && tagBytes <= TAG_BYTES_MAX && channel.size() >= from) {
                    String tag = StandardCharsets.UTF_8
                            .decode(read(channel, Short.BYTES, tagBytes))
                            .toString();
                    long size = channel.size() - from;
                    if (size <= bytesMax) {
                        return new PartialFile(file, bytesMax, tag, from, size);
                    }
                }
            }
        }
        return new PartialFile(file, bytesMax, "", 0, 0);
    }

    /** Of what this is a part; empty if there is nothing yet. */
    public String tag() {
        return tag;
    }

    /** How many bytes have come. */
    public long size() {
        return size;
    }

    /**
     * Drops what is there, and begins anew.
     *
     * @param fresh 1 to {@value #TAG_BYTES_MAX} bytes
     */
    public void begin(String fresh) throws IOException {
        byte[] bytes = fresh.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > TAG_BYTES_MAX) {
            throw new IOException("a tag has 1 to " + TAG_BYTES_MAX + " bytes");
        }
        delete();
        try {
            PrivateFiles.makeFile(file);
            write(ByteBuffer.allocate(Short.BYTES + bytes.length)
                    .putShort((short) bytes.length)
                    .put(bytes)
                    .flip());
        } catch (IOException e) {
            throw new StoreFailedException(file, e);
        }
        tag = fresh;
        from = Short.BYTES + (long) bytes.length;
    }

    /**
     * Adds what came.
     *
     * @throws IOException if that is more than was asked for
     * @throws StoreFailedException if it cannot be written; what is there stays
     */
    public void add(byte[] bytes) throws IOException {
        if (bytes.length > bytesMax - size) {
            throw new IOException("more than " + bytesMax + " bytes came");
        }
        try {
            write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new StoreFailedException(file, e);
        }
        size += bytes.length;
    }

    /** All that has come. */
    public byte[] content() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, from, Math.toIntExact(size)).array();
        }
    }

    /** Drops what is there. */
    public void delete() throws IOException {
        Files.deleteIfExists(file);
        tag = "";
        size = 0;
        from = 0;
    }

    private void write(ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.position(from + size);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("a file that was longer has become shorter");
            }
        }
        bytes.flip();
        return bytes;
    }
}
