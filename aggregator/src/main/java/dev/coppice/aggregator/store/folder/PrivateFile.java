package dev.coppice.aggregator.store.folder;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that are readable by their owner alone from the first byte on. */
public final class PrivateFile {
    private PrivateFile() {}

    /** Makes an empty file. @throws FileAlreadyExistsException if there is one */
    public static void create(Path file) throws IOException {
        Files.createFile(file, ownerOnly());
    }

    /** Writes a small file, whole or not at all, in place of what was there. */
    public static void write(Path file, byte[] bytes) throws IOException {
        written(file, bytes, PrivateFile::replace);
    }

    /** Writes a small file, whole or not at all, unless there is one, also if others try to at the same moment. */
    public static void writeIfAbsent(Path file, byte[] bytes) throws IOException {
        written(file, bytes, PrivateFile::name);
    }

    private interface Place {
        void put(Path aside, Path file) throws IOException;
    }

    /** Leaves nothing aside, whatever fails. */
    private static void written(Path file, byte[] bytes, Place place) throws IOException {
        Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), "new", ".part", ownerOnly());
        try {
            Files.write(aside, bytes, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            place.put(aside, file);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static void replace(Path aside, Path file) throws IOException {
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void name(Path aside, Path file) throws IOException {
        try {
            Files.createLink(file, aside); // unlike a move, fails if the name is taken
        } catch (FileAlreadyExistsException e) {
            // theirs is as good
        } catch (UnsupportedOperationException e) {
            replace(aside, file);
        }
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
