package dev.coppice.agent.store;

import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;

/** A file of the agent's home that no crash explains: someone or something else changed it. Names no content. */
public final class StoreBrokenException extends IOException {
    /** What does not open: of a later version, which is to be run again, or changed by somebody. */
    static StoreBrokenException unopened(Path file, byte[] sealed, String place) {
        return StorageKey.isOfLaterForm(sealed)
                ? new StoreBrokenException(file, "a later version of the app wrote it; run that one, or a newer one")
                : new StoreBrokenException(file, place + " does not open with this home's key in its place");
    }

    /**
     * @param file the damaged file
     * @param what what is wrong with it, in a few words
     */
    public StoreBrokenException(Path file, String what) {
        super(file.getFileName() + " is damaged: " + what);
    }
}
