package dev.coppice.adapters.kit;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Files of weights whose hashes were verified; see {@link FileStamps} for what that is worth later. */
final class VerifiedWeights {
    private final FileStamps stamps;

    private VerifiedWeights(FileStamps stamps) {
        this.stamps = stamps;
    }

    static VerifiedWeights verify(Path folder, List<WeightsFile> files) throws IOException, KitRefusedException {
        VerifiedWeights verified = new VerifiedWeights(stamps(folder, files));
        for (WeightsFile file : files) {
            // A file of another size is not worth hashing, however large it is.
            if (verified.stamps.bytes(file.name()) != file.bytes()
                    || !FileHash.of(folder.resolve(file.name())).equals(file.sha256())) {
                throw new KitRefusedException(file.name() + " is not the file that the manifest names");
            }
        }
        verified.requireUnchanged();
        return verified;
    }

    /** The same files, after their folder was renamed. */
    VerifiedWeights in(Path renamed) {
        return new VerifiedWeights(stamps.in(renamed));
    }

    void requireUnchanged() throws IOException, KitRefusedException {
        if (!stamps.hold()) {
            throw new KitRefusedException("weights have changed since they were verified");
        }
    }

    private static FileStamps stamps(Path folder, List<WeightsFile> files) throws IOException, KitRefusedException {
        try {
            return FileStamps.of(folder, files.stream().map(WeightsFile::name).toList());
        } catch (NoSuchFileException e) {
            throw new KitRefusedException("a file of weights is missing", e);
        }
    }
}
