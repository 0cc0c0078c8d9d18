package dev.coppice.simulator.world;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the files that come with Coppice are. */
public final class Shipped {
    private Shipped() {}

    /** A file or folder of that path in the checkout that this is run from; empty if it is not run from one. */
    public static Optional<Path> find(String path) {
        String root = System.getProperty("coppice.root");
        Path above = Path.of(root == null ? "" : root).toAbsolutePath();
        for (@Nullable Path folder = above; folder != null; folder = folder.getParent()) {
            Path shipped = folder.resolve(path);
            if (Files.exists(shipped)) {
                return Optional.of(shipped);
            }
        }
        return Optional.empty();
    }
}
