package dev.coppice.simulator.crew;

import dev.coppice.aggregator.store.kafka.KafkaClients;
import dev.coppice.simulator.fleet.Hand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;

/**
 * One of the processes that share a run's work, as a member of one consumer group. A piece is taken off the topic only once its
 * answer is there: if this process dies before, another gets the piece. Use on one thread.
 */
public final class KafkaHand implements Hand, AutoCloseable {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration DEAD_AFTER = Duration.ofSeconds(6); // the least that brokers allow

    private final CrewTopics topics;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> pieces;

    /**
     * Joins the group of a run, whose topics are made if they are missing.
     *
     * @param common bootstrap servers, and what a cluster asks for beside
     * @param run as the {@link KafkaCrew} calls it
     */
    public KafkaHand(Properties common, String run) throws IOException, InterruptedException {
        this.topics = new CrewTopics(run);
        topics.make(common);
        producer = new KafkaClients(common).producer();
        Properties member = new Properties();
        member.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) DEAD_AFTER.toMillis());
        member.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) DEAD_AFTER.toMillis() / 3);
        member.putAll(common);
        member.put(ConsumerConfig.GROUP_ID_CONFIG, topics.group());
        member.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        member.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        pieces = new KafkaClients(member).reader();
    }

    @Override
    public void serve(Work work) throws IOException, InterruptedException {
        try {
            pieces.subscribe(List.of(topics.pieces()));
            while (true) {
                for (ConsumerRecord<String, byte[]> piece : pieces.poll(POLL)) {
                    answer(piece, work);
                }
            }
        } catch (InterruptException e) {
            throw KafkaCrew.interrupted(e);
        } catch (KafkaException e) {
            throw new IOException("Kafka: " + e.getMessage(), e);
        }
    }

    private void answer(ConsumerRecord<String, byte[]> piece, Work work) throws IOException, InterruptedException {
        try {
            send(new ProducerRecord<>(
                    topics.answers().topic(), topics.answers().partition(), piece.key(), work.of(piece.value())));
        } catch (IOException
                | RuntimeException e) { // of the work: whoever waits for it shall hear why, and so shall we
            ProducerRecord<String, byte[]> failed = new ProducerRecord<>(
                    topics.answers().topic(),
                    topics.answers().partition(),
                    piece.key(),
                    String.valueOf(e).getBytes(StandardCharsets.UTF_8));
            failed.headers().add(CrewTopics.FAILED, new byte[0]);
            send(failed);
            throw e;
        }
        try {
            pieces.commitSync();
        } catch (CommitFailedException | RebalanceInProgressException e) {
            // Somebody else has the piece now, and answers it again in vain.
        }
    }

    private void send(ProducerRecord<String, byte[]> answer) throws IOException, InterruptedException {
        try {
            producer.send(answer).get();
        } catch (ExecutionException e) {
            throw new IOException("an answer did not get to Kafka: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        producer.close();
        pieces.close();
    }
}
