package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.RecordingProxy;
import dev.coppice.aggregator.fleet.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads every byte that the server is sent and every byte that it stores while a round is on, and looks for what devices
 * encoded before masking, in each form that it could have. The same search finds the update of a device that leaves out
 * its masks, in both places.
 */
class NothingUnmaskedTest {
    private static final int DEVICES = 6;
    private static final int NEEDLE_BYTES = 16;

    @TempDir
    Path folder;

    @Test
    void theServerNeitherGetsNorKeepsAnUpdateInTheClearAndTheSearchWouldFindOne() throws Exception {
        try (AggregatorProcess aggregator = new AggregatorProcess(folder);
                RecordingProxy proxy = new RecordingProxy(aggregator.uri())) {
            Operator operator = new Operator(new Wire(List.of(proxy.uri())), aggregator.token());
            List<Device> devices = operator.devices(DEVICES);
            String task = operator.createTask(4, DEVICES, 2, 30);

            List<byte[]> stored = round(aggregator, devices);
            assertThat(operator.awaitOver(task, 1).path("phase").asText()).isEqualTo("COMPLETED");
            for (Device device : devices) {
                assertThat(finds(proxy.received(), device)).isFalse();
                assertThat(finds(stored, device)).isFalse();
            }

            devices.get(0).insecureLeaveOutMasks();
            stored = round(aggregator, devices);
            assertThat(finds(proxy.received(), devices.get(0))).isTrue();
            assertThat(finds(stored, devices.get(0))).isTrue();
            assertThat(finds(proxy.received(), devices.get(1))).isFalse();
            assertThat(finds(stored, devices.get(1))).isFalse();
        }
    }

    /** One round; all that is in the home folder when every masked input is stored. */
    private static List<byte[]> round(AggregatorProcess aggregator, List<Device> devices) throws Exception {
        AtomicReference<List<byte[]>> stored = new AtomicReference<>(List.of());
        new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {
            if (step.equals("unmask") && number == 1) {
                stored.set(files(aggregator.home()));
            }
        });
        return stored.get();
    }

    private static List<byte[]> files(Path home) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.add(Files.readAllBytes(file));
            }
        }
        return contents;
    }

    private static boolean finds(List<byte[]> haystacks, Device device) {
        List<String> needles = needles(device);
        return haystacks.stream()
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                .anyMatch(text -> needles.stream().anyMatch(text::contains));
    }

    /** Pieces of the encoded update as packed bits, and as int32 and float32 in both byte orders. */
    private static List<String> needles(Device device) {
        List<byte[]> forms = new ArrayList<>();
        forms.add(device.packedSecret());
        int[] secret = device.secret();
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ByteBuffer ints = ByteBuffer.allocate(secret.length * Integer.BYTES).order(order);
            ByteBuffer floats = ByteBuffer.allocate(secret.length * Float.BYTES).order(order);
            for (int value : secret) {
                ints.putInt(value);
                floats.putFloat(value);
            }
            forms.add(ints.array());
            forms.add(floats.array());
        }
        List<String> needles = new ArrayList<>();
        for (byte[] form : forms) {
            for (int from = 0; from + NEEDLE_BYTES <= form.length; from += NEEDLE_BYTES) {
                byte[] piece = Arrays.copyOfRange(form, from, from + NEEDLE_BYTES);
                needles.add(new String(piece, StandardCharsets.ISO_8859_1));
            }
        }
        return needles;
    }
}
