package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write in one home folder, held by at most one agent on the machine. The operating system frees it
 * when the process ends, however it ends.
 */
public final class HomeLock implements AutoCloseable {
    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, or refuses at once.
     *
     * @param home folder of one agent; made, and closed to other users, if absent
     * @throws HomeInUseException if another agent holds it
     * @throws IOException if the folder cannot be made or written
     */
    @MustBeClosed
    public static HomeLock take(Path home) throws IOException {
        PrivateFiles.makeFolder(home);
        Path file = home.resolve("lock");
        PrivateFiles.makeFile(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new HomeLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // this very process holds it: the same answer as for any other
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new HomeInUseException(home);
    }

    /** Frees the home. Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
