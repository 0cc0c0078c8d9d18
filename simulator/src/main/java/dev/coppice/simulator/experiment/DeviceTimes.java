package dev.coppice.simulator.experiment;

import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.world.SeededRandomSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How long devices take: each is of a class, drawn by the classes' shares. Of a class, its speed and its network count here;
 * memory, battery and hours do not.
 */
final class DeviceTimes {
    /** Of the messages around the masked input. Their order is usual, and measured nowhere. */
    private static final long STEP_UP_BYTES = 20_000;

    private static final long STEP_DOWN_BYTES = 4_000;
    private static final long ADVERTISEMENT_BYTES = 1_000;

    private final List<DeviceClass> classOf;

    /** @param random of the whole run */
    DeviceTimes(List<DeviceClass> classes, int devices, SeededRandomSource random) {
        classOf = IntStream.range(0, devices)
                .mapToObj(device -> DeviceClass.drawn(
                        classes, random.fork("device/" + device + "/class").splittable()))
                .toList();
    }

    DeviceClass classOf(int device) {
        return classOf.get(device);
    }

    /** From an offer until the device has trained and joins the cohort. */
    Duration untilJoined(int device, long candidateBytes, int steps) {
        DeviceClass own = classOf.get(device);
        return own.down(candidateBytes).plus(own.training(steps)).plus(own.up(ADVERTISEMENT_BYTES));
    }

    /** A step of a cohort, which lasts as long as its slowest member takes to hear of it and to answer. */
    Duration step(Collection<Integer> cohort) {
        return slowest(cohort, STEP_UP_BYTES);
    }

    /** The same for the step in which inputs are sent. */
    Duration inputs(Collection<Integer> cohort, long inputBytes) {
        return slowest(cohort, inputBytes);
    }

    private Duration slowest(Collection<Integer> cohort, long bytesUp) {
        return cohort.stream()
                .map(classOf::get)
                .map(one -> one.down(STEP_DOWN_BYTES).plus(one.up(bytesUp)))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
