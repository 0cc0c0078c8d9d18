package dev.coppice.adapters.kit;

import dev.coppice.adapters.onnx.Place;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Puts the constants that a kit's graphs share into files beside them, each once. What the base model has in a file of
 * its own, in the form the kit needs, stays there: that file becomes part of the kit by a hard link (a copy where the
 * file system has none). All else is appended to one file.
 */
final class WeightsWriter implements Placement, AutoCloseable {
    static final String OWN = "weights";
    /** Smaller constants stay in the graphs: shapes and axes, which the engine wants to see, are among them. */
    private static final int BYTES_MIN = 1 << 10;
    /** A cache line, so that the engine's vector loads are aligned. */
    private static final int ALIGNMENT = 64;
    /** What every machine that we know of needs to read a number at all. */
    private static final int ALIGNMENT_IN_PLACE = 4;

    private final Path base;
    private final Path folder;
    private final Map<String, Place> placed = new HashMap<>();
    private final Map<Tensor, Place> contents = new HashMap<>();
    private final Map<String, WeightsFile> linked = new TreeMap<>();
    private final FileHash hash = new FileHash();
    private final FileChannel own;
    private long ownBytes;

    /**
     * @param base the folder of the base model
     * @param folder that of the kit
     */
    WeightsWriter(Path base, Path folder) throws IOException {
        this.base = base;
        this.folder = folder;
        this.own = FileChannel.open(folder.resolve(OWN), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** @throws UncheckedIOException if a file cannot be written */
    @Override
    public Optional<Place> place(String name, Tensor tensor) {
        if (tensor.byteCount() < BYTES_MIN) {
            return Optional.empty();
        }
        return Optional.of(placed.computeIfAbsent(name, key -> {
            try {
                Optional<Place> there = tensor.place().filter(place -> place.offset() % ALIGNMENT_IN_PLACE == 0);
                return there.isPresent() ? inPlace(there.get()) : appended(tensor);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    /** The files so far, in the order of their names; none that is empty. */
    List<WeightsFile> finish() throws IOException {
        own.close();
        List<WeightsFile> files = new ArrayList<>(linked.values());
        if (ownBytes > 0) {
            files.add(0, new WeightsFile(OWN, ownBytes, hash.hex()));
        } else {
            Files.delete(folder.resolve(OWN));
        }
        return files;
    }

    @Override
    public void close() throws IOException {
        own.close();
    }

    private Place inPlace(Place place) throws IOException {
        WeightsFile file = linked.get(place.file());
        if (file == null) {
            file = link(place.file());
            linked.put(place.file(), file);
        }
        return new Place(file.name(), place.offset(), place.bytes());
    }

    private WeightsFile link(String location) throws IOException {
        Path original = base.resolve(location).toRealPath();
        String name = OWN + "." + location.replaceAll("[^A-Za-z0-9._-]", "_");
        Path link = folder.resolve(name);
        try {
            Files.createLink(link, original);
        } catch (UnsupportedOperationException | FileSystemException noLinksHere) {
            Files.copy(original, link);
        }
        return new WeightsFile(name, Files.size(link), FileHash.of(link));
    }

    /** What is there already is not written again: weights seen as another type or shape are the same bytes. */
    private Place appended(Tensor tensor) throws IOException {
        Optional<Tensor> content = tensor.findStored();
        Place there = content.map(contents::get).orElse(null);
        if (there != null) {
            return there;
        }
        append(ByteBuffer.allocate(Math.floorMod(-ownBytes, ALIGNMENT)));
        Place place = new Place(OWN, ownBytes, tensor.byteCount());
        for (ByteBuffer part : tensor.parts()) {
            append(part);
        }
        content.ifPresent(bytes -> contents.put(bytes, place));
        return place;
    }

    private void append(ByteBuffer bytes) throws IOException {
        ownBytes += bytes.remaining();
        hash.add(bytes.duplicate());
        while (bytes.hasRemaining()) {
            own.write(bytes);
        }
    }
}
