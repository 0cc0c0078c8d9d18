package dev.coppice.aggregator.store.kafka;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * How far a shard is.
 *
 * @param since when it began, or was closed
 * @param bits of each value; 0 before the first input
 * @param count of the inputs in the sum
 * @param values the sum; nobody changes it
 */
record ShardState(long since, boolean closed, int bits, int count, ByteBuffer values) {
    private static final int HEAD_BYTES = Long.BYTES + 1 + 2 * Integer.BYTES;

    static ShardState begun(long now) {
        return new ShardState(now, false, 0, 0, ByteBuffer.allocate(0));
    }

    ShardState with(int newBits, int newCount, byte[] newValues) {
        return new ShardState(since, closed, newBits, newCount, ByteBuffer.wrap(newValues));
    }

    ShardState closed(long now) {
        return new ShardState(now, true, bits, count, values);
    }

    /** Closed for so long that nobody asks for it any more: only that it is closed is known. */
    ShardState spent() {
        return new ShardState(since, true, bits, count, ByteBuffer.allocate(0));
    }

    boolean isSpent() {
        return closed && count > 0 && !values.hasRemaining();
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(HEAD_BYTES + values.remaining())
                .putLong(since)
                .put((byte) (closed ? 1 : 0))
                .putInt(bits)
                .putInt(count)
                .put(values.duplicate())
                .array();
    }

    private static ShardState of(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        return new ShardState(from.getLong(), from.get() == 1, from.getInt(), from.getInt(), from.slice());
    }

    static Serde<ShardState> serde() {
        Serializer<ShardState> writer = (topic, state) -> state == null ? null : state.toBytes();
        Deserializer<ShardState> reader = (topic, bytes) -> bytes == null ? null : of(bytes);
        return Serdes.serdeFrom(writer, reader);
    }
}
