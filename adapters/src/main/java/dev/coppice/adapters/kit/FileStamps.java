package dev.coppice.adapters.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Identity, size and time of change of some files of a folder at one moment: what differs when one of them is replaced
 * or written to. Files too large to be handed over as bytes are mapped by the engine; so that it maps what was hashed,
 * stamps are taken before hashing and compared after it, and again around every opening of a session. Whoever can write
 * to the folder while a session runs can still change what it computes; it should be one that only its app can write to.
 */
public final class FileStamps {
    private final Path folder;
    private final List<String> names;
    private final List<Stamp> stamps;

    private record Stamp(Optional<Object> identity, long bytes, FileTime changed) {
        static Stamp of(Path file) throws IOException {
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException(file.toString());
            }
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    Optional.ofNullable(attributes.fileKey()), attributes.size(), attributes.lastModifiedTime());
        }
    }

    private FileStamps(Path folder, List<String> names, List<Stamp> stamps) {
        this.folder = folder;
        this.names = List.copyOf(names);
        this.stamps = List.copyOf(stamps);
    }

    /**
     * Stamps of the files as they are now.
     *
     * @throws NoSuchFileException if one is no regular file
     */
    public static FileStamps of(Path folder, Collection<String> names) throws IOException {
        List<Stamp> stamps = new ArrayList<>();
        for (String name : names) {
            stamps.add(Stamp.of(folder.resolve(name)));
        }
        return new FileStamps(folder, List.copyOf(names), stamps);
    }

    /** The same files, after their folder was renamed. */
    FileStamps in(Path renamed) {
        return new FileStamps(renamed, names, stamps);
    }

    /** Size of a file at that moment. */
    long bytes(String name) {
        return stamps.get(names.indexOf(name)).bytes();
    }

    /** Whether the files are as they were. */
    public boolean hold() throws IOException {
        try {
            return of(folder, names).stamps.equals(stamps);
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
