package dev.coppice.aggregator.store.kafka;

import dev.coppice.aggregator.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The names of the topics. Those that are missing are made, with the broker's own number of copies; who wants other
 * settings makes them before.
 */
record Topics(String prefix) {
    /** Longer than any request may be. */
    static final int RECORD_BYTES_MAX = 68 << 20;

    private static final int INPUT_PARTITIONS = 12;
    private static final Duration KEPT = Duration.ofDays(1);
    private static final Duration EVENTS_KEPT = Duration.ofDays(30);

    /** Masked inputs and closings, by shard. */
    String inputs() {
        return prefix + ".inputs";
    }

    /** What counts of closed shards. One partition: whoever collects reads it to its end. */
    String partials() {
        return prefix + ".partials";
    }

    /** What happened to rounds, for others to read. */
    String events() {
        return prefix + ".events";
    }

    /** Settings of a topic of large records. */
    static Map<String, String> large() {
        return Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(RECORD_BYTES_MAX));
    }

    private static NewTopic topic(String name, int partitions, Duration kept) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty())
                .configs(Map.of(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(RECORD_BYTES_MAX),
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(kept.toMillis())));
    }

    /** Makes those that are missing. @throws StoreException if the brokers do not answer */
    void make(Properties client) {
        try (Admin admin = Admin.create(client)) {
            make(admin, topic(inputs(), INPUT_PARTITIONS, KEPT));
            make(admin, topic(partials(), 1, KEPT));
            make(admin, topic(events(), 1, EVENTS_KEPT));
        } catch (ExecutionException e) {
            throw new StoreException("Could not make the topics " + prefix + ".*", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("Interrupted", e);
        }
    }

    private static void make(Admin admin, NewTopic topic) throws ExecutionException, InterruptedException {
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }
}
