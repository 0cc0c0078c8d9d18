package dev.coppice.aggregator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that are readable by their owner alone from the first byte on, and there whole or not at all. */
final class PrivateFile {
    private PrivateFile() {}

    /** Writes a file, in place of what was there. */
    static void write(Path file, byte[] bytes) throws IOException {
        Path aside = aside(file, bytes);
        try {
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** Writes a file unless there is one, also if others try to at the same moment. */
    static void writeIfAbsent(Path file, byte[] bytes) throws IOException {
        Path aside = aside(file, bytes);
        try {
            Files.createLink(file, aside); // unlike a move, fails if the name is taken
        } catch (FileAlreadyExistsException e) {
            // theirs is as good
        } catch (UnsupportedOperationException e) {
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static Path aside(Path file, byte[] bytes) throws IOException {
        Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), "new", ".part", ownerOnly());
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        return aside;
    }

    private static FileAttribute<?>[] ownerOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
