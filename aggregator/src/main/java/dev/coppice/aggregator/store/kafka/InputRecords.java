package dev.coppice.aggregator.store.kafka;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.InputLog.Input;
import dev.coppice.aggregator.store.InputLog.Partial;
import dev.coppice.aggregator.store.InputLog.Shard;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * How inputs, closings and partial sums are written. Keys are those of shards. An input's value is the serialized {@code
 * MaskedInput}, its headers say who sent it and its form; a closing has neither; a partial sum's value is a count of devices
 * (4 bytes), for each the length of its id (4 bytes), the id and the SHA-256 of its input (32 bytes), then the bits of a value
 * (4 bytes) and the values (little-endian, 4 bytes each).
 */
final class InputRecords {
    private static final String DEVICE = "device";
    private static final String FORM = "form";
    private static final byte[] NOTHING = {};
    private static final int SHA256_BYTES = 32;

    private InputRecords() {}

    /** Who sent an input, and its form. */
    record Sender(String deviceId, int bits, int dimension) {}

    static ProducerRecord<String, byte[]> input(String topic, Input input) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, input.shard().key(), input.message().toByteArray());
        byte[] form = ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(input.bits())
                .putInt(input.dimension())
                .array();
        record.headers()
                .add(DEVICE, input.deviceId().getBytes(StandardCharsets.UTF_8))
                .add(FORM, form);
        return record;
    }

    static ProducerRecord<String, byte[]> closing(String topic, Shard shard) {
        return new ProducerRecord<>(topic, shard.key(), NOTHING);
    }

    static boolean isClosing(Headers headers) {
        return headers.lastHeader(DEVICE) == null;
    }

    /** @throws IllegalArgumentException if the headers are none of ours */
    static Sender sender(Headers headers) {
        Header device = headers.lastHeader(DEVICE);
        Header form = headers.lastHeader(FORM);
        if (device == null || form == null || form.value().length != 2 * Integer.BYTES) {
            throw new IllegalArgumentException("No input");
        }
        ByteBuffer numbers = ByteBuffer.wrap(form.value());
        return new Sender(new String(device.value(), StandardCharsets.UTF_8), numbers.getInt(), numbers.getInt());
    }

    /** @param sha256ByDevice 32 bytes each */
    static byte[] partial(Map<String, byte[]> sha256ByDevice, int bits, byte[] values) {
        int size = 2 * Integer.BYTES + values.length;
        for (String device : sha256ByDevice.keySet()) {
            size += Integer.BYTES + device.getBytes(StandardCharsets.UTF_8).length + SHA256_BYTES;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).putInt(sha256ByDevice.size());
        sha256ByDevice.forEach((device, sha256) -> {
            byte[] id = device.getBytes(StandardCharsets.UTF_8);
            bytes.putInt(id.length).put(id).put(sha256);
        });
        return bytes.putInt(bits).put(values).array();
    }

    static Partial partial(String key, byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        SortedMap<String, String> devices = new TreeMap<>();
        for (int left = bytes.getInt(); left > 0; left--) {
            byte[] id = new byte[bytes.getInt()];
            byte[] sha256 = new byte[SHA256_BYTES];
            bytes.get(id).get(sha256);
            devices.put(new String(id, StandardCharsets.UTF_8), HexFormat.of().formatHex(sha256));
        }
        int bits = bytes.getInt();
        return new Partial(Shard.of(key), devices, bits, ByteString.copyFrom(bytes));
    }
}
