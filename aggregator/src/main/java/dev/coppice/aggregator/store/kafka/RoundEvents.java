package dev.coppice.aggregator.store.kafka;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.aggregator.store.EventStore;
import dev.coppice.aggregator.store.EventStore.RoundEvent;
import dev.coppice.aggregator.store.LeaseStore;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Tells others what happened to rounds: JSON as docs/events.schema.json has it, keyed by task. Each event at least once, those
 * of a round in order; one that comes again has the same round and version. One process at a time does it.
 */
public final class RoundEvents implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BATCH = 200;
    private static final Duration LEASE = Duration.ofSeconds(10);

    private final EventStore events;
    private final LeaseStore leases;
    private final InstantSource clock;
    private final String owner;
    private final Topics topics;
    private final KafkaProducer<String, byte[]> producer;

    /**
     * Tells nothing by itself.
     *
     * @param client bootstrap servers, and what an operator adds for security
     * @param prefix of the topics' names
     * @param owner of leases: another for each process
     */
    public <S extends EventStore & LeaseStore> RoundEvents(
            S store, InstantSource clock, String owner, Properties client, String prefix) {
        this.events = store;
        this.leases = store;
        this.clock = clock;
        this.owner = owner;
        this.topics = new Topics(prefix);
        this.producer = new KafkaClients(client).producer();
    }

    /** Tells what nobody was told of yet. To be called every now and then. */
    public void tick() {
        Instant now = clock.instant();
        if (!leases.claim("events", owner, now, now.plus(LEASE))) {
            return;
        }
        for (List<RoundEvent> batch = events.untold(BATCH); !batch.isEmpty(); batch = events.untold(BATCH)) {
            send(batch);
            events.told(batch);
        }
    }

    private void send(List<RoundEvent> batch) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (RoundEvent event : batch) {
            sent.add(producer.send(new ProducerRecord<>(
                    topics.events(), event.taskId(), json(event).toString().getBytes(StandardCharsets.UTF_8))));
        }
        try {
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new StoreException("Could not tell of rounds", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("Interrupted", e);
        }
    }

    static ObjectNode json(RoundEvent event) {
        ObjectNode json = JSON.createObjectNode()
                .put("schema", 1)
                .put("taskId", event.taskId())
                .put("roundId", event.roundId())
                .put("number", event.number())
                .put("version", event.version())
                .put("phase", event.phase().name())
                .put("reason", event.reason().name());
        ObjectNode devices = json.putObject("devices");
        for (Step step : Step.values()) {
            devices.put(step.name().toLowerCase(Locale.ROOT), event.tally().of(step));
        }
        return json;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
