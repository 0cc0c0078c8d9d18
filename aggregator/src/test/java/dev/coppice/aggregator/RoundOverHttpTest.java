package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole rounds over real HTTP. Device i sends the unit vector i, so the sum says exactly who was counted. */
class RoundOverHttpTest {
    private static final int DEVICES = 10;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"x25519", "x25519-mlkem768"})
    void theSumIsThatOfTheDevicesThatStayedWhereverTheOthersDroppedOut(String keyAgreement) throws Exception {
        try (AggregatorProcess aggregator = new AggregatorProcess(folder)) {
            Operator operator = aggregator.operator();
            List<Device> devices = operator.devices(DEVICES);
            String task = operator.create(operator.task(5, DEVICES, 2, 300).put("keyAgreement", keyAgreement));

            Thread closing = Thread.ofVirtual().start(() -> closePhases(operator, task));
            new Fleet(devices)
                    .takePart(
                            i -> switch (i) {
                                case 1 -> Device.Stop.AFTER_ADVERTISING;
                                case 4 -> Device.Stop.AFTER_SHARING;
                                case 7 -> Device.Stop.AFTER_MASKING;
                                case 8 -> Device.Stop.AFTER_ATTESTING;
                                default -> Device.Stop.NEVER;
                            },
                            (step, number) -> {});

            closing.join();
            JsonNode first = operator.awaitOver(task, 1);
            assertThat(first.path("phase").asText()).isEqualTo("COMPLETED");
            assertThat(counted(operator, first, 8)).containsExactly(0, 2, 3, 5, 6, 7, 8, 9);

            new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {});

            JsonNode second = operator.awaitOver(task, 2);
            assertThat(second.path("masked").asInt()).isEqualTo(DEVICES);
            float[] sums = operator.adapter(second.path("candidateSha256").asText());
            assertThat(sums[0]).isCloseTo(1f / 8 + 1f / 10, within(0.01f));
            assertThat(sums[1]).isCloseTo(1f / 10, within(0.01f));
            assertThat(operator.status(task).path("state").asText()).isEqualTo("COMPLETED");
            devices.forEach(Device::close);
            assertThat(aggregator.terminate()).isIn(0, 143);
            assertThat(aggregator.output()).doesNotContain("ERROR").doesNotContain("Exception");
        }
    }

    /** Plays the deadline once everybody answered who will. */
    private static void closePhases(Operator operator, String task) {
        try {
            operator.closeAt(task, "shared", DEVICES - 1);
            operator.closeAt(task, "masked", DEVICES - 2);
            operator.closeAt(task, "attested", DEVICES - 3);
            operator.closeAt(task, "unmasked", DEVICES - 4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The devices in the first sum, each counted once. */
    static List<Integer> counted(Operator operator, JsonNode round, int contributors) throws Exception {
        float[] mean = operator.adapter(round.path("candidateSha256").asText());
        List<Integer> counted = new ArrayList<>();
        for (int i = 0; i < mean.length; i++) {
            float times = mean[i] * contributors;
            assertThat(times).as("device %d", i).isCloseTo(Math.round(times), within(0.1f));
            assertThat(Math.round(times)).as("device %d", i).isBetween(0, 1);
            if (Math.round(times) == 1) {
                counted.add(i);
            }
        }
        return counted;
    }
}
