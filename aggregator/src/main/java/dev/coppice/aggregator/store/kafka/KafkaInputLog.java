package dev.coppice.aggregator.store.kafka;

import dev.coppice.aggregator.store.InputLog;
import dev.coppice.aggregator.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in topics of Kafka, summed up by Kafka Streams in whichever processes have one of these: they share the work, and
 * take over from those that die.
 */
public final class KafkaInputLog implements InputLog {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaInputLog.class);
    private static final int CACHE_BYTES = 64 << 20;

    /** After this long others take over from a process that died. The least that brokers allow. */
    private static final Duration SESSION = Duration.ofSeconds(6);

    /** What a process that died had written and not committed holds readers up for so long. */
    private static final Duration TRANSACTION = Duration.ofSeconds(8);

    /** Each commit writes all sums that changed, which are as long as inputs; who closes a shard does not wait for it. */
    private static final Duration COMMIT = Duration.ofSeconds(1);

    private final KafkaClients clients;
    private final Topics topics;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaStreams streams;
    private final Map<String, Collection> collections = new ConcurrentHashMap<>();

    /**
     * Makes what topics are missing, and starts to sum up.
     *
     * @param client bootstrap servers, and what an operator adds for security
     * @param prefix of the topics' names
     * @param folder of this process alone
     * @throws StoreException if the brokers do not answer
     */
    public KafkaInputLog(Properties client, String prefix, Path folder) {
        this(client, prefix, folder, Fold::new);
    }

    KafkaInputLog(
            Properties client, String prefix, Path folder, ProcessorSupplier<String, byte[], String, byte[]> fold) {
        this.clients = new KafkaClients(client);
        this.topics = new Topics(prefix);
        topics.make(clients.common());
        this.producer = clients.producer();
        this.streams = new KafkaStreams(Fold.topology(topics, fold), settings(prefix, folder));
        streams.setUncaughtExceptionHandler(e -> {
            LOG.warn("A thread that sums inputs up is replaced", e);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.start();
    }

    private Properties settings(String prefix, Path folder) {
        Properties settings = clients.common();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, prefix + ".fold");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1); // the brokers' own
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT.toMillis());
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), (int) SESSION.toMillis());
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 1_000);
        settings.put(
                StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), (int) TRANSACTION.toMillis());
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.RECORD_BYTES_MAX);
        return settings;
    }

    @Override
    public void append(Input input) {
        try {
            producer.send(InputRecords.input(topics.inputs(), input)).get();
        } catch (ExecutionException e) {
            throw new StoreException("Could not append a masked input", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("Interrupted", e);
        }
    }

    @Override
    public Optional<List<Partial>> collect(String roundId, int shards) {
        Collection collection =
                collections.computeIfAbsent(roundId, id -> new Collection(clients, producer, topics, id, shards));
        if (!collection.result().isDone()) {
            return Optional.empty();
        }
        try {
            return Optional.of(collection.result().get());
        } catch (ExecutionException e) {
            LOG.warn("The sums of {} are asked for again: {}", roundId, String.valueOf(e.getCause()));
            collections.remove(roundId, collection);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("Interrupted", e);
        }
    }

    @Override
    public void keepOnly(Set<String> openRounds) {
        collections.forEach((round, collection) -> {
            if (!openRounds.contains(round)) {
                collection.result().cancel(false);
                collections.remove(round, collection);
            }
        });
    }

    /** Inputs and closings that are in the log and not summed up yet, of the partitions that this process has. */
    public long lag() {
        return streams.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("records-lag"))
                .filter(metric -> topics.inputs().equals(metric.getKey().tags().get("topic")))
                .mapToLong(metric -> lag(metric.getValue().metricValue()))
                .sum();
    }

    private static long lag(Object value) {
        return value instanceof Double number && !number.isNaN() ? number.longValue() : 0;
    }

    /** Whether this process sums up, or will when it is its turn. */
    public boolean isRunning() {
        return streams.state().isRunningOrRebalancing();
    }

    @Override
    public void close() {
        keepOnly(Set.of());
        producer.close(Duration.ofSeconds(2));
        streams.close(Duration.ofSeconds(5));
    }
}
