package dev.coppice.aggregator.store.folder;

import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Blobs as files: {@code <folder>/<first two digits>/<sha256>}. Written aside, forced to disk, then renamed. */
public final class BlobFolder implements BlobStore {
    private final Path folder;

    public BlobFolder(Path folder) {
        this.folder = folder;
    }

    @Override
    public String put(byte[] bytes) throws IOException {
        String sha256 = Sha256.hex(bytes);
        Path target = path(sha256);
        if (Files.exists(target)) {
            return sha256;
        }
        Path parent = folder.resolve(sha256.substring(0, 2));
        Files.createDirectories(parent);
        Path aside = Files.createTempFile(parent, sha256, ".part");
        try {
            write(aside, bytes);
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
        force(parent);
        return sha256;
    }

    @Override
    public Optional<Path> find(String sha256) {
        if (!Identifiers.isSha256(sha256)) {
            return Optional.empty();
        }
        return Optional.of(path(sha256)).filter(Files::isRegularFile);
    }

    @Override
    public byte[] read(String sha256) throws IOException {
        byte[] bytes = Files.readAllBytes(find(sha256).orElseThrow(() -> new IOException("No blob " + sha256)));
        if (!Sha256.hex(bytes).equals(sha256)) {
            throw new IOException("Blob " + sha256 + " is damaged");
        }
        return bytes;
    }

    @Override
    public List<String> all() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(Identifiers::isSha256)
                    .toList();
        }
    }

    private Path path(String sha256) {
        return folder.resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileOutputStream out = new FileOutputStream(file.toFile())) {
            out.write(bytes);
            out.getFD().sync(); // once, however large
        }
    }

    /** Makes a rename outlive a power cut. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
