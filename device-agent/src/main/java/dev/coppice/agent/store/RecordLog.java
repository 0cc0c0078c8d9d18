package dev.coppice.agent.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * Where records go that must survive: a {@link Journal} on a device. A simulator keeps those of thousands of devices in
 * one place. Use on one thread.
 */
public interface RecordLog extends Closeable {
    /**
     * Appends records, all or none; when it returns, they survive.
     *
     * @throws IOException if they may not have been kept
     */
    void append(List<byte[]> records) throws IOException;
}
