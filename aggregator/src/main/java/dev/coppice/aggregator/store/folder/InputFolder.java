package dev.coppice.aggregator.store.folder;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.MessageLostException;
import dev.coppice.aggregator.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Masked inputs as files, one for each open round. The database says which of them count and where they are; a file goes when its
 * round is over. For one process; appending to a round is for one thread at a time, all else for any.
 */
public final class InputFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InputFolder.class);

    private final Path folder;
    private final Map<String, InputFile> files = new ConcurrentHashMap<>();

    /** Files in {@code folder}, which is made if it is missing. */
    public InputFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes the folder what the database says it is, which is how it was but for what a process was about to write or delete when
     * it was killed.
     *
     * @param lastPlaces of each open round that has inputs here
     */
    public void restore(Map<String, Long> lastPlaces) {
        try {
            Files.createDirectories(folder);
            for (String round : rounds()) {
                if (!lastPlaces.containsKey(round)) {
                    Files.delete(folder.resolve(round));
                }
            }
            for (Map.Entry<String, Long> last : lastPlaces.entrySet()) {
                cut(last.getKey(), last.getValue());
            }
        } catch (IOException e) {
            throw new StoreException("Could not open the masked inputs of rounds", e);
        }
    }

    /** What is lost comes to light again when the round is summed up, and ends that round alone. */
    private void cut(String roundId, long lastPlace) throws IOException {
        if (!file(roundId).cutAfter(lastPlace)) {
            LOG.error("Masked inputs of round {} are lost", roundId);
        }
    }

    private List<String> rounds() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Appends inputs, which are on the disk when this returns; the place of each. */
    public List<Long> append(String roundId, List<ByteString> inputs) {
        try {
            InputFile file = file(roundId);
            List<Long> places = new ArrayList<>();
            for (ByteString input : inputs) {
                places.add(file.append(input));
            }
            file.force();
            return places;
        } catch (IOException e) {
            throw new StoreException("Could not keep masked inputs", e);
        }
    }

    /**
     * The input at a place.
     *
     * @throws MessageLostException if it is not there, or not what was appended
     * @throws StoreException if it could not be read now
     */
    public ByteString read(String roundId, long place) {
        InputFile file = files.get(roundId);
        if (file == null) {
            throw new StoreException("There are no masked inputs of round " + roundId);
        }
        try {
            return file.find(place).orElseThrow(() -> new MessageLostException(roundId + ", at " + place));
        } catch (IOException e) {
            throw new StoreException("Could not read a masked input", e);
        }
    }

    private InputFile file(String roundId) throws IOException {
        InputFile open = files.get(roundId);
        if (open != null) {
            return open;
        }
        synchronized (files) {
            InputFile opened = files.get(roundId);
            if (opened == null) {
                opened = InputFile.open(folder.resolve(roundId));
                forceNames();
                files.put(roundId, opened);
            }
            return opened;
        }
    }

    /** That a file exists outlives a power cut, too. */
    private void forceNames() throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** Deletes a round's inputs, if there are any. */
    public void delete(String roundId) {
        try {
            InputFile open = files.remove(roundId);
            if (open != null) {
                open.close();
            }
            Files.deleteIfExists(folder.resolve(roundId));
        } catch (IOException e) {
            throw new StoreException("Could not delete the masked inputs of a round", e);
        }
    }

    @Override
    public void close() {
        List.copyOf(files.keySet()).forEach(this::close);
    }

    private void close(String roundId) {
        try {
            InputFile open = files.remove(roundId);
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            throw new StoreException("Could not close the masked inputs of a round", e);
        }
    }
}
