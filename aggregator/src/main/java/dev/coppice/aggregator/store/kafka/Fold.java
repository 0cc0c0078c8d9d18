package dev.coppice.aggregator.store.kafka;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.aggregator.store.InputLog.Shard;
import dev.coppice.aggregator.store.kafka.InputRecords.Sender;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.protocol.round.MaskedInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sums the inputs of each shard up as they come, each device's first alone, until the shard is closed; tells what counts
 * whenever it is told to close. State and what is told change together or not at all ({@code exactly_once_v2}).
 */
class Fold implements Processor<String, byte[], String, byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(Fold.class);
    private static final String SUMS = "sums";
    private static final String DEVICES = "devices";

    /** Longer than a round collects its sums. */
    private static final Duration CLOSED_KEPT = Duration.ofMinutes(5);

    /** Longer than an input may lie about before it is appended. */
    private static final Duration KNOWN = Duration.ofDays(1);

    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, ShardState> sums;
    private KeyValueStore<String, byte[]> devices;

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before all else
    Fold() {}

    /** Reads inputs and writes partial sums. States are in memory, and in a topic of their own each. */
    static Topology topology(Topics topics, ProcessorSupplier<String, byte[], String, byte[]> fold) {
        Topology topology = new Topology();
        topology.addSource(
                "inputs", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), topics.inputs());
        topology.addProcessor("fold", fold, "inputs");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(SUMS), Serdes.String(), ShardState.serde())
                        .withLoggingEnabled(Topics.large())
                        .withCachingEnabled(), // a sum goes into its topic once a commit, not once an input
                "fold");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(DEVICES), Serdes.String(), Serdes.ByteArray())
                        .withLoggingEnabled(Map.of()),
                "fold");
        topology.addSink(
                "partials",
                topics.partials(),
                new StringSerializer(),
                Serdes.ByteArray().serializer(),
                "fold");
        return topology;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
        context = given;
        sums = given.getStateStore(SUMS);
        devices = given.getStateStore(DEVICES);
        given.schedule(Duration.ofMinutes(1), PunctuationType.WALL_CLOCK_TIME, this::forget);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        long now = context.currentSystemTimeMs();
        ShardState known = sums.get(record.key());
        ShardState state = known == null ? ShardState.begun(now) : known;
        if (InputRecords.isClosing(record.headers())) {
            close(record, state.closed() ? state : state.closed(now));
        } else if (!state.closed()) {
            add(record, state);
        }
    }

    /** Inputs were checked before they were appended: what does not fit is from somebody else, and must not stop the rest. */
    private void add(Record<String, byte[]> record, ShardState state) {
        try {
            Sender sender = InputRecords.sender(record.headers());
            String device = deviceKey(record.key(), sender.deviceId());
            if (devices.get(device) != null) {
                return;
            }
            MaskedSum sum = sum(Shard.of(record.key()).roundId(), sender, state);
            sum.add(MaskedInput.parseFrom(record.value()));
            devices.put(device, Sha256.hash(record.value()));
            sums.put(record.key(), state.with(sender.bits(), sum.count(), sum.toBytes()));
        } catch (InvalidProtocolBufferException | MessageRefusedException | IllegalArgumentException e) {
            LOG.error("A record in {} is no input and is left out: {}", record.key(), e.getMessage());
        }
    }

    private static MaskedSum sum(String roundId, Sender sender, ShardState state) {
        if (state.count() == 0) {
            return new MaskedSum(roundId, sender.bits(), sender.dimension());
        }
        if (state.bits() != sender.bits()) {
            throw new IllegalArgumentException("Values of another width");
        }
        return MaskedSum.of(roundId, state.bits(), state.values().duplicate(), state.count());
    }

    /** Told again whenever somebody asks again, and always the same. */
    private void close(Record<String, byte[]> record, ShardState state) {
        sums.put(record.key(), state);
        if (state.isSpent()) {
            return;
        }
        Map<String, byte[]> counted = new TreeMap<>();
        try (KeyValueIterator<String, byte[]> all = devices.prefixScan(record.key() + "/", new StringSerializer())) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> next = all.next();
                counted.put(next.key.substring(record.key().length() + 1), next.value);
            }
        }
        byte[] values = new byte[state.values().remaining()];
        state.values().duplicate().get(values);
        context.forward(record.withValue(InputRecords.partial(counted, state.bits(), values)));
        context.commit(); // nobody reads it before
    }

    private static String deviceKey(String shard, String deviceId) {
        return shard + "/" + deviceId;
    }

    private void forget(long now) {
        List<KeyValue<String, ShardState>> old = new ArrayList<>();
        try (KeyValueIterator<String, ShardState> all = sums.all()) {
            while (all.hasNext()) {
                KeyValue<String, ShardState> next = all.next();
                long age = now - next.value.since();
                if (age > KNOWN.toMillis()
                        || (next.value.closed() && !next.value.isSpent() && age > CLOSED_KEPT.toMillis())) {
                    old.add(next);
                }
            }
        }
        for (KeyValue<String, ShardState> shard : old) {
            boolean known = now - shard.value.since() <= KNOWN.toMillis();
            sums.put(shard.key, known ? shard.value.spent() : null);
            forgetDevices(shard.key);
        }
    }

    private void forgetDevices(String shard) {
        List<String> gone = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> all = devices.prefixScan(shard + "/", new StringSerializer())) {
            while (all.hasNext()) {
                gone.add(all.next().key);
            }
        }
        gone.forEach(devices::delete);
    }
}
