package dev.coppice.simulator.crew;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The topics of one run. Runs of other scenarios or seeds have others, so that no worker gets what it would do wrong.
 *
 * @param run names it, with no more than a topic's letters and digits
 */
record CrewTopics(String run) {
    /** Workers at most that have something to do at the same time. */
    static final int PIECE_PARTITIONS = 24;

    /** On an answer that is the reason why a piece cannot be done. */
    static final String FAILED = "failed";

    private static final int RECORD_BYTES_MAX = 68 << 20;
    private static final Duration KEPT = Duration.ofDays(1);

    /** Work, by the hash of what it is. */
    String pieces() {
        return "coppice.fleet." + run + ".pieces";
    }

    /** What came of it, under the same keys. */
    TopicPartition answers() {
        return new TopicPartition("coppice.fleet." + run + ".answers", 0);
    }

    /** Who shares the work. */
    String group() {
        return "coppice.fleet." + run;
    }

    /** Makes those that are missing. */
    void make(Properties client) throws IOException, InterruptedException {
        try (Admin admin = Admin.create(client)) {
            make(admin, pieces(), PIECE_PARTITIONS);
            make(admin, answers().topic(), 1);
        }
    }

    private static void make(Admin admin, String name, int partitions) throws IOException, InterruptedException {
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty())
                .configs(Map.of(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(RECORD_BYTES_MAX),
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(KEPT.toMillis())));
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IOException("the topic " + name + " cannot be made: " + e.getCause(), e);
            }
        }
    }
}
