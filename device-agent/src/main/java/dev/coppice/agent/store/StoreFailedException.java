package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** The disk does not take what is to be kept: most often it is full. What was acknowledged before is still there. */
public final class StoreFailedException extends IOException {
    /**
     * @param file that was written
     * @param cause what the system said
     */
    public StoreFailedException(Path file, IOException cause) {
        super(file.getFileName() + " cannot be written: " + reason(cause), cause);
    }

    /** The system's own words, without the path in front of them. */
    private static String reason(IOException cause) {
        if (cause instanceof FileSystemException named && named.getReason() != null) {
            return named.getReason();
        }
        return String.valueOf(cause.getMessage());
    }
}
