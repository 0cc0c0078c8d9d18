package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.file.Path;

/** A file of the agent's home that no crash explains: someone or something else changed it. Names no content. */
public final class StoreBrokenException extends IOException {
    /**
     * @param file the damaged file
     * @param what what is wrong with it, in a few words
     */
    public StoreBrokenException(Path file, String what) {
        super(file.getFileName() + " is damaged: " + what);
    }
}
