package dev.coppice.aggregator;

import dev.coppice.aggregator.store.folder.PrivateFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder of one process: {@code lock}, {@code port} while it runs, and, unless they are set elsewhere, {@code
 * coppice.mv.db} (the database) with {@code inputs/}, {@code blobs/}, {@code keys/} and {@code operator.token}.
 */
final class Home {
    private final Path folder;

    Home(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
    }

    /**
     * Claims the folder for this process, until it ends in whatever way.
     *
     * @throws IOException if another process has it
     */
    static FileLock claim(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException("Another aggregator runs on " + folder);
        }
        Files.deleteIfExists(folder.resolve("port")); // of a process that was killed
        return lock;
    }

    Path database() {
        return folder.resolve("coppice");
    }

    /** Masked inputs of open rounds, with the embedded database. */
    Path inputs() {
        return folder.resolve("inputs");
    }

    /** What is summed up here, as far as it is not in the log. */
    Path streams() {
        return folder.resolve("streams");
    }

    /** Says that requests are answered now, on this port. */
    void ready(int port) throws IOException {
        PrivateFile.write(folder.resolve("port"), Integer.toString(port).getBytes(StandardCharsets.US_ASCII));
    }

    /** Takes that back. */
    void notReady() throws IOException {
        Files.deleteIfExists(folder.resolve("port"));
    }
}
