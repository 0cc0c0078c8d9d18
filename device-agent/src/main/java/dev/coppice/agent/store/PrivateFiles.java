package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files and folders that only their owner may read, where the file system knows owners. */
final class PrivateFiles {
    private PrivateFiles() {}

    static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, only(folder.getFileSystem(), "rwx------"));
        }
    }

    /** Makes an empty file; leaves one that is there alone. */
    static void makeFile(Path file) throws IOException {
        try {
            Files.createFile(file, only(file.getFileSystem(), "rw-------"));
        } catch (FileAlreadyExistsException e) {
            // as it should be from the second start on
        }
    }

    /**
     * Replaces the file, whole and durably: after a crash there is the old content or the new one.
     *
     * @throws StoreFailedException if the disk does not take the new one, as when it is full; the old one is still there
     */
    static void replace(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try {
            makeFile(fresh);
            write(fresh, content);
        } catch (IOException e) {
            Files.deleteIfExists(fresh); // leaves the room to others
            throw new StoreFailedException(file, e);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolderOf(file);
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /**
     * All of a file.
     *
     * @throws StoreBrokenException if it is longer than {@code bytesMax}
     */
    static byte[] readAtMost(Path file, long bytesMax) throws IOException {
        if (Files.size(file) > bytesMax) {
            throw new StoreBrokenException(file, "longer than " + bytesMax + " bytes");
        }
        return Files.readAllBytes(file);
    }

    /** Makes it durable that a file is, or is not, in its folder. */
    static void forceFolderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static FileAttribute<?>[] only(FileSystem files, String permissions) {
        if (!files.supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
