package dev.coppice.simulator;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** What went wrong outside, as a sentence: the file system's own exceptions often name a path and nothing else. */
public final class FileTrouble {
    private FileTrouble() {}

    /** The reason, for a person. */
    public static String sentence(@Nullable Throwable trouble) {
        if (trouble instanceof UncheckedIOException wrapped) {
            return sentence(wrapped.getCause());
        }
        if (trouble instanceof NoSuchFileException missing) {
            return "there is no " + missing.getFile();
        }
        if (trouble instanceof AccessDeniedException denied) {
            return "no permission for " + denied.getFile();
        }
        if (trouble instanceof FileSystemException refused && refused.getReason() != null) {
            return refused.getReason() + " (" + refused.getFile() + ")";
        }
        if (trouble instanceof SSLHandshakeException) {
            return "no secure connection: " + trouble.getMessage()
                    + "; --ca names who vouches for a server whose certificate the platform does not know";
        }
        String message = trouble == null ? null : trouble.getMessage();
        return message == null ? String.valueOf(trouble) : message;
    }
}
