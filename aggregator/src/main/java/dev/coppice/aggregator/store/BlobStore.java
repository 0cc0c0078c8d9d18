package dev.coppice.aggregator.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Bytes by their SHA-256 (64 lower-case hexadecimal digits). Never changed once stored. For any number of threads. */
public interface BlobStore {
    /** Stores bytes, whole or not at all; storing them again is harmless. @return their SHA-256 */
    String put(byte[] bytes) throws IOException;

    /** A file with the bytes, to be read only. */
    Optional<Path> find(String sha256);

    /** The SHA-256 of all that is stored, in no order. */
    List<String> all() throws IOException;

    /** The bytes. @throws IOException if they are missing or damaged */
    byte[] read(String sha256) throws IOException;
}
