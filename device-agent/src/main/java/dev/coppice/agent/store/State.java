package dev.coppice.agent.store;

import java.io.IOException;
import java.util.Optional;

/** One value that survives, replaced whole or not at all: a {@link StateFile} on a device. Use on one thread. */
public interface State {
    /** The value last written, or empty if none was. */
    Optional<byte[]> read() throws IOException;

    /** Replaces the value; when it returns, the new one survives. */
    void write(byte[] content) throws IOException;

    /** Removes the value. Nothing happens if there is none. */
    void delete() throws IOException;
}
