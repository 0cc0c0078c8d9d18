package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.MetadataRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What holders of a repository's keys are called, and their public keys in a folder. */
final class HolderNames {
    static final List<String> ROOT = List.of("root-1", "root-2", "root-3", "root-4", "root-5");
    static final List<String> TARGETS = List.of("release", "evaluation", "security");
    static final List<String> ALL =
            Stream.concat(ROOT.stream(), TARGETS.stream()).toList();

    private HolderNames() {}

    static Path publicFile(Path dir, String name) {
        return dir.resolve(name + ".pub.json");
    }

    static List<HolderKeys> read(Path dir, List<String> names) throws IOException {
        List<HolderKeys> keys = new ArrayList<>();
        for (String name : names) {
            keys.add(read(publicFile(dir, name)));
        }
        return keys;
    }

    static HolderKeys read(Path file) throws IOException {
        try {
            return HolderKeys.parse(Files.readAllBytes(file));
        } catch (MetadataRefusedException e) {
            throw new IOException(file + " holds no public keys: " + e.getMessage(), e);
        }
    }
}
