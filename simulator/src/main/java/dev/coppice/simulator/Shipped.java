package dev.coppice.simulator;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the files that come with Coppice are. */
final class Shipped {
    private Shipped() {}

    /**
     * The folder of a base model that comes with Coppice.
     *
     * @throws DemoRefusedException when this is not run from a checkout
     */
    static Path model(String name) throws DemoRefusedException {
        String root = System.getProperty("coppice.root");
        Path above = Path.of(root == null ? "" : root).toAbsolutePath();
        for (@Nullable Path folder = above; folder != null; folder = folder.getParent()) {
            Path model = folder.resolve("models").resolve(name);
            if (Files.isDirectory(model)) {
                return model;
            }
        }
        throw new DemoRefusedException("there is no models/" + name + " in or above " + above);
    }
}
