package dev.coppice.simulator.signer;

import dev.coppice.crypto.trust.MetadataStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Trusted metadata as files of a folder, each replaced whole. For one process at a time. */
public final class FolderTrust implements MetadataStore {
    private final Path folder;

    public FolderTrust(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<byte[]> find(String role) throws IOException {
        Path file = folder.resolve(role + ".json");
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    @Override
    public void keep(String role, byte[] content) throws IOException {
        Files.createDirectories(folder);
        Path fresh = folder.resolve(role + ".new");
        Files.write(fresh, content);
        Files.move(fresh, folder.resolve(role + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }
}
