package dev.coppice.simulator.crew;

import dev.coppice.aggregator.store.kafka.KafkaClients;
import dev.coppice.crypto.Sha256;
import dev.coppice.simulator.fleet.Crew;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Has pieces of work done by processes that read them from a topic ({@link KafkaHand}), any number of them, which may come and
 * go. A piece is known by its hash: its answer counts once, whoever gives it. Use on one thread.
 */
public final class KafkaCrew implements Crew, AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final CrewTopics topics;
    private final Duration patience;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> answers;

    /**
     * Joins the run's topics, which are made if they are missing.
     *
     * @param common bootstrap servers, and what a cluster asks for beside
     * @param run names what is worked on, in a topic's letters and digits
     * @param patience without any answer, after which work is given up
     */
    public KafkaCrew(Properties common, String run, Duration patience) throws IOException, InterruptedException {
        this.topics = new CrewTopics(run);
        this.patience = patience;
        topics.make(common);
        KafkaClients clients = new KafkaClients(common);
        producer = clients.producer();
        answers = clients.reader();
        answers.assign(List.of(topics.answers()));
        answers.seekToEnd(List.of(topics.answers()));
        answers.position(topics.answers()); // now, and not only when the first answer is read
    }

    @Override
    public List<byte[]> work(List<byte[]> pieces) throws IOException, InterruptedException {
        try {
            List<String> keys = send(pieces);
            Map<String, byte[]> done = answers(new HashSet<>(keys));
            return keys.stream().map(done::get).toList();
        } catch (InterruptException e) {
            throw interrupted(e);
        } catch (KafkaException e) {
            throw new IOException("Kafka: " + e.getMessage(), e);
        }
    }

    private List<String> send(List<byte[]> pieces) throws IOException, InterruptedException {
        List<String> keys = new ArrayList<>();
        List<Future<?>> sent = new ArrayList<>();
        for (byte[] piece : pieces) {
            String key = Sha256.hex(piece);
            int partition = keys.size() % CrewTopics.PIECE_PARTITIONS;
            keys.add(key);
            sent.add(producer.send(new ProducerRecord<>(topics.pieces(), partition, key, piece)));
        }
        for (Future<?> one : sent) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw new IOException("a piece of work did not get to Kafka: " + e.getCause(), e);
            }
        }
        return keys;
    }

    private Map<String, byte[]> answers(Set<String> missing) throws IOException {
        Map<String, byte[]> done = new HashMap<>();
        Duration silent = Duration.ZERO;
        while (!missing.isEmpty()) {
            int before = missing.size();
            for (ConsumerRecord<String, byte[]> answer : answers.poll(POLL)) {
                if (missing.remove(answer.key())) {
                    requireDone(answer);
                    done.put(answer.key(), answer.value());
                }
            }
            silent = missing.size() < before ? Duration.ZERO : silent.plus(POLL);
            if (silent.compareTo(patience) > 0) {
                throw new IOException("no worker has answered for " + patience.toSeconds() + " seconds, and "
                        + missing.size() + " pieces of the round are not done");
            }
        }
        return done;
    }

    private static void requireDone(ConsumerRecord<String, byte[]> answer) throws IOException {
        if (answer.headers().lastHeader(CrewTopics.FAILED) != null) {
            throw new IOException("a worker failed: " + new String(answer.value(), StandardCharsets.UTF_8));
        }
    }

    static InterruptedException interrupted(InterruptException e) {
        InterruptedException interrupted = new InterruptedException("interrupted while working with Kafka");
        interrupted.initCause(e);
        return interrupted;
    }

    @Override
    public void close() {
        producer.close();
        answers.close();
    }
}
