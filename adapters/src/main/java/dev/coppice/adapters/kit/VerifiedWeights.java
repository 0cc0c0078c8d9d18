package dev.coppice.adapters.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Files of weights whose hashes were verified. They are too large to be handed over as bytes: the engine maps them. So
 * that it maps what was hashed, their identity, size and time of change are remembered before hashing and compared
 * after it, and again around every opening of a session. Whoever can write to the folder while a session runs can
 * still change what it computes; a kit belongs into a folder that only its app can write to.
 */
final class VerifiedWeights {
    private final Path folder;
    private final List<WeightsFile> files;
    private final List<Stamp> stamps;

    /** What changes when a file is replaced or written to. */
    private record Stamp(Optional<Object> identity, long bytes, FileTime changed) {
        static Stamp of(Path file) throws IOException, KitRefusedException {
            if (!Files.isRegularFile(file)) {
                throw new KitRefusedException(file.getFileName() + " is missing");
            }
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    Optional.ofNullable(attributes.fileKey()), attributes.size(), attributes.lastModifiedTime());
        }
    }

    private VerifiedWeights(Path folder, List<WeightsFile> files, List<Stamp> stamps) {
        this.folder = folder;
        this.files = List.copyOf(files);
        this.stamps = List.copyOf(stamps);
    }

    static VerifiedWeights verify(Path folder, List<WeightsFile> files) throws IOException, KitRefusedException {
        List<Stamp> stamps = stamps(folder, files);
        for (int i = 0; i < files.size(); i++) {
            WeightsFile file = files.get(i);
            // A file of another size is not worth hashing, however large it is.
            if (stamps.get(i).bytes() != file.bytes()
                    || !FileHash.of(folder.resolve(file.name())).equals(file.sha256())) {
                throw new KitRefusedException(file.name() + " is not the file that the manifest names");
            }
        }
        VerifiedWeights verified = new VerifiedWeights(folder, files, stamps);
        verified.requireUnchanged();
        return verified;
    }

    /** The same files, after their folder was renamed. */
    VerifiedWeights in(Path renamed) {
        return new VerifiedWeights(renamed, files, stamps);
    }

    void requireUnchanged() throws IOException, KitRefusedException {
        if (!stamps(folder, files).equals(stamps)) {
            throw new KitRefusedException("weights have changed since they were verified");
        }
    }

    private static List<Stamp> stamps(Path folder, List<WeightsFile> files) throws IOException, KitRefusedException {
        List<Stamp> stamps = new ArrayList<>();
        for (WeightsFile file : files) {
            stamps.add(Stamp.of(folder.resolve(file.name())));
        }
        return stamps;
    }
}
