package dev.coppice.aggregator.store.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.InputLog.Input;
import dev.coppice.aggregator.store.InputLog.Partial;
import dev.coppice.aggregator.store.InputLog.Shard;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.testkit.Broker;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The log on a real broker. Input i is the unit vector i, so a 2 in a sum is an input that counted twice, and a 0 one that was
 * lost.
 */
class KafkaInputLogTest {
    private static final int DIMENSION = 64;
    private static final int BITS = 16;
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static Broker broker;
    private final List<KafkaInputLog> logs = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        broker = new Broker(folder.resolve("broker"));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @AfterEach
    void close() {
        logs.forEach(KafkaInputLog::close);
    }

    private KafkaInputLog log(String name) {
        KafkaInputLog log = new KafkaInputLog(broker.client(), name, folder.resolve(name + logs.size()));
        logs.add(log);
        return log;
    }

    private static Input input(String round, int shard, int number) {
        ByteBuffer packed = ByteBuffer.allocate(DIMENSION * 2).order(ByteOrder.LITTLE_ENDIAN);
        packed.putShort(2 * number, (short) 1);
        return input(round, shard, number, packed.array());
    }

    private static Input input(String round, int shard, int number, byte[] packed) {
        MaskedInput message = MaskedInput.newBuilder()
                .setRoundId(round)
                .setPacked(ByteString.copyFrom(packed))
                .build();
        return new Input(new Shard(round, shard), "device-" + number, BITS, packed.length / 2, message.toByteString());
    }

    private static List<Partial> collected(KafkaInputLog log, String round, int shards) throws Exception {
        long end = System.nanoTime() + WAIT.toNanos();
        while (System.nanoTime() < end) {
            Optional<List<Partial>> found = log.collect(round, shards);
            if (found.isPresent()) {
                return found.get();
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no sums of " + round);
    }

    private static List<Integer> sum(List<Partial> partials) {
        int[] sum = new int[DIMENSION];
        for (Partial partial : partials) {
            ByteBuffer values = partial.values().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; values.hasRemaining(); i++) {
                sum[i] += values.getInt();
            }
        }
        return Arrays.stream(sum).boxed().toList();
    }

    private static Set<String> devices(List<Partial> partials) {
        Set<String> devices = new TreeSet<>();
        partials.forEach(partial -> devices.addAll(partial.sha256ByDevice().keySet()));
        return devices;
    }

    private static List<Integer> ones(int count) {
        List<Integer> ones = new ArrayList<>(Collections.nCopies(count, 1));
        ones.addAll(Collections.nCopies(DIMENSION - count, 0));
        return ones;
    }

    @Test
    void eachDevicesFirstInputCountsOnceHoweverOftenItIsAppendedAndWhateverComesAfter() throws Exception {
        KafkaInputLog log = log("first");
        for (int i = 0; i < DIMENSION; i++) {
            log.append(input("r", i % 4, i));
            log.append(input("r", i % 4, i));
        }
        for (int i = 0; i < DIMENSION; i++) {
            byte[] other = new byte[DIMENSION * 2];
            other[0] = 7;
            log.append(input("r", i % 4, i, other)); // from a device that counts already
        }
        List<Partial> partials = collected(log, "r", 4);
        assertThat(sum(partials)).isEqualTo(ones(DIMENSION));
        assertThat(partials.get(1).sha256ByDevice())
                .hasSize(DIMENSION / 4)
                .containsEntry("device-5", Sha256.hex(input("r", 1, 5).message().toByteArray()));
    }

    @Test
    void whatComesAfterTheFirstClosingDoesNotCountAndTheSumIsTheSameHoweverOftenItIsAskedFor() throws Exception {
        KafkaInputLog log = log("closed");
        for (int i = 0; i < 10; i++) {
            log.append(input("r", 0, i));
        }
        assertThat(sum(collected(log, "r", 2))).isEqualTo(ones(10));
        for (int i = 10; i < 20; i++) {
            log.append(input("r", 0, i));
            log.append(input("r", 1, i));
        }
        KafkaInputLog another = log("closed"); // as a process that takes over from one that died while it collected
        List<Partial> again = collected(another, "r", 2);
        assertThat(sum(again)).isEqualTo(ones(10));
        assertThat(devices(again)).hasSize(10);
        log.keepOnly(Set.of());
        assertThat(collected(log, "r", 2)).isEqualTo(again);
    }

    @Test
    void roundsAndShardsDoNotMix() throws Exception {
        KafkaInputLog log = log("mixed");
        for (int i = 0; i < 10; i++) {
            log.append(input("r-1", i % 2, i));
            log.append(input("r-11", i % 2, i));
        }
        List<Partial> one = collected(log, "r-1", 2);
        assertThat(sum(one)).isEqualTo(ones(10));
        assertThat(one.get(0).sha256ByDevice()).hasSize(5);
        log.append(input("r-11", 0, 10)); // still open
        assertThat(sum(collected(log, "r-11", 2))).isEqualTo(ones(11));
    }

    @Test
    void recordsOfOthersStopNothing() throws Exception {
        KafkaInputLog log = log("foreign");
        log.append(input("r", 0, 0));
        try (KafkaProducer<String, byte[]> stranger = new KafkaClients(broker.client()).producer()) {
            byte[] value = {1, 2, 3};
            ProducerRecord<String, byte[]> record = new ProducerRecord<>("foreign.inputs", "r/0", value);
            record.headers().add("device", value).add("form", value);
            stranger.send(record).get();
        }
        log.append(input("r", 0, 1, new byte[8])); // of another length
        log.append(input("r", 0, 2));
        List<Partial> partials = collected(log, "r", 1);
        assertThat(devices(partials)).containsExactly("device-0", "device-2");
        assertThat(sum(partials).subList(0, 3)).containsExactly(1, 0, 1);
    }

    /** The size that updates of a real adapter have, and more. */
    @Test
    void largeInputsPass() throws Exception {
        KafkaInputLog log = log("large");
        byte[] packed = new byte[5 << 20];
        packed[packed.length - 2] = 3;
        for (int i = 0; i < 3; i++) {
            log.append(input("r", 0, i, packed));
        }
        Partial partial = collected(log, "r", 1).getFirst();
        assertThat(partial.values().size()).isEqualTo(10 << 20);
        assertThat(partial.values().byteAt((10 << 20) - 4)).isEqualTo((byte) 9);
    }

    /** Once before a record is worked on and once after: all that was not committed is undone, and done again by another. */
    @Test
    void threadsThatDieInTheMiddleAreReplacedAndNothingCountsTwice() throws Exception {
        AtomicInteger records = new AtomicInteger();
        class Breaking extends Fold {
            @Override
            public void process(Record<String, byte[]> record) {
                int number = records.incrementAndGet();
                if (number == 5) {
                    throw new IllegalStateException("broken before record " + number);
                }
                super.process(record);
                if (number == 17) {
                    throw new IllegalStateException("broken after record " + number);
                }
            }
        }
        KafkaInputLog log = new KafkaInputLog(broker.client(), "broken", folder.resolve("broken"), Breaking::new);
        logs.add(log);
        for (int i = 0; i < 20; i++) {
            log.append(input("r", i % 2, i));
        }
        assertThat(sum(collected(log, "r", 2))).isEqualTo(ones(20));
        assertThat(records.get())
                .as("records that were worked on, some of them twice")
                .isGreaterThan(22);
    }

    /** A second process takes half of the work over while inputs come, and gives it back. */
    @Test
    void processesThatComeAndGoLoseAndRepeatNothing() throws Exception {
        KafkaInputLog first = log("shared");
        for (int i = 0; i < 20; i++) {
            first.append(input("r", i % 4, i));
        }
        KafkaInputLog second = log("shared");
        for (int i = 20; i < 40; i++) {
            second.append(input("r", i % 4, i));
            Thread.sleep(100);
        }
        first.close();
        for (int i = 40; i < DIMENSION; i++) {
            second.append(input("r", i % 4, i));
            second.append(input("r", (i - 40) % 4, i - 40));
        }
        assertThat(sum(collected(second, "r", 4))).isEqualTo(ones(DIMENSION));
    }

    /** Fields and phases are those of the schema; a process that has not got the lease tells nothing. */
    @Test
    void othersHearOfEachChangeOfARoundOnceAndAsTheSchemaSays() throws Exception {
        log("told").keepOnly(Set.of()); // makes the topics
        MemoryStore store = new MemoryStore();
        Instant now = Instant.EPOCH;
        StoredRound round = StoredRound.opening("t-1-1", "t-1", 1, ByteString.EMPTY, now);
        assertThat(store.open(round, 1)).isTrue();
        assertThat(store.advance(round, round.aborted(AbortReason.TOO_FEW_DEVICES)))
                .isTrue();
        List<String> heard = new ArrayList<>();
        try (RoundEvents one = new RoundEvents(store, () -> now, "one", broker.client(), "told");
                RoundEvents other = new RoundEvents(store, () -> now, "other", broker.client(), "told");
                KafkaConsumer<String, byte[]> reader = new KafkaClients(broker.client()).reader()) {
            one.tick();
            assertThat(store.open(StoredRound.opening("t-1-2", "t-1", 2, ByteString.EMPTY, now), 1))
                    .isTrue();
            other.tick();
            one.tick();
            TopicPartition events = new TopicPartition("told.events", 0);
            reader.assign(List.of(events));
            reader.seekToBeginning(List.of(events));
            for (int i = 0; i < 50 && heard.size() < 4; i++) {
                reader.poll(Duration.ofMillis(200))
                        .forEach(record -> heard.add(new String(record.value(), StandardCharsets.UTF_8)));
            }
        }
        assertThat(heard).hasSize(3);
        ObjectMapper json = new ObjectMapper();
        JsonNode schema = json.readTree(Path.of("../docs/events.schema.json").toFile());
        for (String text : heard) {
            JsonNode event = json.readTree(text);
            assertThat(names(event)).isEqualTo(names(schema.path("properties")));
            assertThat(names(event.path("devices")))
                    .isEqualTo(names(schema.path("properties").path("devices").path("properties")));
        }
        List<String> phases = new ArrayList<>();
        schema.path("properties").path("phase").path("enum").forEach(phase -> phases.add(phase.asText()));
        assertThat(phases)
                .containsExactlyElementsOf(
                        Arrays.stream(Phase.values()).map(Phase::name).toList());
        assertThat(json.readTree(heard.get(1)).path("reason").asText()).isEqualTo("TOO_FEW_DEVICES");
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void whatIsNotSummedUpYetIsTold() throws Exception {
        KafkaInputLog log = log("lag");
        for (int i = 0; i < 10; i++) {
            log.append(input("r", 0, i));
        }
        collected(log, "r", 1);
        assertThat(log.lag()).isZero();
        assertThat(log.isRunning()).isTrue();
    }
}
