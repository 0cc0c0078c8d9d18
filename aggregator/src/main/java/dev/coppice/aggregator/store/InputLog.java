package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * A log of masked inputs, in shards of a round, which is summed up as it grows. A device counts exactly if its first input
 * precedes the first closing of its shard. For any number of threads and processes.
 */
public interface InputLog extends AutoCloseable {
    /**
     * A part of a round's inputs that has an order and a sum.
     *
     * @param number from 0
     */
    record Shard(String roundId, int number) {
        /** {@code round/number}. */
        public String key() {
            return roundId + "/" + number;
        }

        public static Shard of(String key) {
            int slash = key.lastIndexOf('/');
            return new Shard(key.substring(0, slash), Integer.parseInt(key.substring(slash + 1)));
        }
    }

    /**
     * An input.
     *
     * @param bits of each value
     * @param dimension number of values
     * @param message a serialized {@code MaskedInput} of that form
     */
    record Input(Shard shard, String deviceId, int bits, int dimension, ByteString message) {}

    /**
     * What counts of a shard.
     *
     * @param sha256ByDevice of the first input of each device that counts
     * @param bits of each value; 0 if there was no input
     * @param values the sum, one little-endian int of 4 bytes each; empty if there was no input
     */
    record Partial(Shard shard, SortedMap<String, String> sha256ByDevice, int bits, ByteString values) {}

    /**
     * Appends an input. It outlives whatever happens once this returns.
     *
     * @throws StoreException if that is not certain: it may be in the log, and may be appended again
     */
    void append(Input input);

    /**
     * Closes the shards of a round, if they are not, and looks for what counts of them. To be called again until it is
     * there; the same whoever calls.
     *
     * @return one for each shard, ascending by number; empty if it takes longer
     */
    Optional<List<Partial>> collect(String roundId, int shards);

    /** Frees what is kept for rounds that are over. */
    void keepOnly(Set<String> openRounds);

    @Override
    void close();
}
