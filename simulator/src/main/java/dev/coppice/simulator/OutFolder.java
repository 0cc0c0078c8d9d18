package dev.coppice.simulator;

import dev.coppice.adapters.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The folder that takes everything a run leaves behind. What an earlier run left there is replaced; what anybody else
 * put there stays, and where the names collide the run is refused.
 */
public final class OutFolder {
    private static final String MARK = ".coppice-demo";
    private static final List<String> OURS =
            List.of("report.html", "summary.json", "aggregator", "devices", "kit", "logs", "pack", "release");

    private final Path path;

    private OutFolder(Path path) {
        this.path = path;
    }

    /**
     * Makes room for a run.
     *
     * @throws DemoRefusedException when it holds something of a name that we would write
     */
    public static OutFolder prepare(Path wanted) throws DemoRefusedException {
        Path path = wanted.toAbsolutePath().normalize();
        try {
            if (Files.exists(path) && !Files.isDirectory(path)) {
                throw new DemoRefusedException("--out " + wanted + " is a file, not a folder");
            }
            Files.createDirectories(path);
            boolean earlierRun = Files.exists(path.resolve(MARK));
            for (String name : OURS) {
                Path entry = path.resolve(name);
                if (!earlierRun && Files.exists(entry)) {
                    throw new DemoRefusedException("--out " + wanted + " already holds " + name
                            + ", which no earlier demo wrote; choose another folder");
                }
                Folders.delete(entry);
            }
            Files.writeString(path.resolve(MARK), "Written by a Coppice demo, which may replace what it wrote here.\n");
        } catch (IOException | UncheckedIOException e) {
            throw new DemoRefusedException("cannot write to --out " + wanted + ": " + FileTrouble.sentence(e));
        }
        return new OutFolder(path);
    }

    public Path path() {
        return path;
    }

    public Path report() {
        return path.resolve("report.html");
    }

    public Path summary() {
        return path.resolve("summary.json");
    }

    public Path aggregator() {
        return path.resolve("aggregator");
    }

    /** The home of one device's agent. */
    public Path device(int index) {
        return path.resolve("devices").resolve("device-%05d".formatted(index));
    }

    /** The home of a device of the same person that never takes part in anything. */
    public Path loner(int index) {
        return path.resolve("devices").resolve("alone-%05d".formatted(index));
    }

    public Path kit() {
        return path.resolve("kit");
    }

    public Path log(String name) {
        return path.resolve("logs").resolve(name + ".log");
    }

    /** Where the release signer writes the root that devices pin, and nothing else. */
    public Path root() {
        return path.resolve("release").resolve("root.json");
    }

    /** The files of the skill pack, as downloaded. */
    public Path pack() {
        return path.resolve("pack");
    }

    /** Writes a file whole or not at all, however the process ends. */
    static void write(Path file, String text) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(aside, text);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(aside);
        }
    }
}
