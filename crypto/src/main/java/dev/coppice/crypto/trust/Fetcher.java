package dev.coppice.crypto.trust;

import java.io.IOException;
import java.util.Optional;

/** Gets files of a repository from wherever it is. Nothing that it gets is believed. */
@FunctionalInterface
public interface Fetcher {
    /**
     * The whole of a file.
     *
     * @param path relative to the repository: {@code metadata/…} or {@code targets/…}
     * @param bytesMax where to stop at the latest; a longer file may be given up to one byte more, or refused
     * @return empty if there is no such file
     * @throws IOException if that cannot be found out, or the file is longer
     */
    Optional<byte[]> find(String path, long bytesMax) throws IOException, InterruptedException;
}
