package dev.coppice.aggregator.store.kafka;

import dev.coppice.aggregator.store.InputLog.Partial;
import dev.coppice.aggregator.store.InputLog.Shard;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Closes the shards of one round and waits for their partial sums, on a thread of its own. */
final class Collection {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final CompletableFuture<List<Partial>> result = new CompletableFuture<>();

    /** Starts. */
    Collection(
            KafkaClients clients, KafkaProducer<String, byte[]> producer, Topics topics, String roundId, int shards) {
        Thread.ofVirtual().name("collect " + roundId).start(() -> {
            try (KafkaConsumer<String, byte[]> reader = clients.reader()) {
                result.complete(collected(reader, producer, topics, roundId, shards));
            } catch (Exception e) { // the thread's outermost loop
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                result.completeExceptionally(e);
            }
        });
    }

    /** One for each shard; done with an exception if it must be tried again. */
    CompletableFuture<List<Partial>> result() {
        return result;
    }

    /** What is there before the shards are closed again by us is never needed: it comes again. */
    private List<Partial> collected(
            KafkaConsumer<String, byte[]> reader,
            KafkaProducer<String, byte[]> producer,
            Topics topics,
            String roundId,
            int shards)
            throws ExecutionException, InterruptedException {
        TopicPartition partials = new TopicPartition(topics.partials(), 0);
        reader.assign(List.of(partials));
        Map<TopicPartition, Long> end = reader.endOffsets(List.of(partials));
        reader.seek(partials, end.getOrDefault(partials, 0L));
        close(producer, topics, roundId, shards);
        SortedMap<Integer, Partial> found = new TreeMap<>();
        while (found.size() < shards && !result.isDone()) {
            for (ConsumerRecord<String, byte[]> record : reader.poll(LOOK)) {
                Shard shard = Shard.of(record.key());
                if (shard.roundId().equals(roundId)) {
                    found.put(shard.number(), InputRecords.partial(record.key(), record.value()));
                }
            }
        }
        return List.copyOf(found.values());
    }

    private static void close(KafkaProducer<String, byte[]> producer, Topics topics, String roundId, int shards)
            throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = IntStream.range(0, shards)
                .mapToObj(number -> producer.send(InputRecords.closing(topics.inputs(), new Shard(roundId, number))))
                .toList();
        for (Future<RecordMetadata> closing : sent) {
            closing.get();
        }
    }
}
