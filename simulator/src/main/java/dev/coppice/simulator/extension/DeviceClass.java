package dev.coppice.simulator.extension;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One kind of device.
 *
 * @param name 1 to 64 characters of {@code [a-z0-9-]}
 * @param share of all devices that are of it, relative to the other classes'
 * @param stepMillis how long it takes for one optimizer step, above 0
 * @param memoryMiB it has for a task; with less than the task needs it stays out
 * @param network how it is connected
 * @param battery when it is charged
 * @param hours when it is idle
 */
public record DeviceClass(
        String name, double share, double stepMillis, int memoryMiB, Network network, Battery battery, Hours hours) {
    /**
     * A connection.
     *
     * @param latencyMillis one way, above 0
     * @param jitterMillis more than that, drawn for each message
     * @param upKilobytes a second, above 0
     * @param downKilobytes a second, above 0
     */
    public record Network(double latencyMillis, double jitterMillis, double upKilobytes, double downKilobytes) {}

    /**
     * Power.
     *
     * @param charged probability that it may work when it is idle
     * @param perStep part of the battery that an optimizer step takes; who has none left when it is not plugged in vanishes
     */
    public record Battery(double charged, double perStep) {}

    /**
     * Hours of the device's day in which it is idle; past midnight if {@code from} is later than {@code to}. Equal ones: always.
     *
     * @param spread hours by which devices' days differ
     */
    public record Hours(int from, int to, int spread) {
        /** Whether it is idle at this hour of its day. */
        public boolean holds(int hour) {
            return from == to || (from < to ? hour >= from && hour < to : hour >= from || hour < to);
        }
    }

    /** A device that can always work. */
    public static final DeviceClass PLAIN = new DeviceClass(
            "plain", 1, 50, 4096, new Network(20, 20, 1000, 4000), new Battery(1, 0), new Hours(0, 0, 0));

    public DeviceClass {
        if (!name.matches("[a-z0-9-]{1,64}")) {
            throw new IllegalArgumentException("the name of a device class is 1 to 64 characters of [a-z0-9-]");
        }
        require(share >= 0, "share", "0 or more");
        require(stepMillis > 0, "stepMillis", "above 0");
        require(memoryMiB > 0, "memoryMiB", "above 0");
        require(network.latencyMillis() > 0 && network.jitterMillis() >= 0, "latencyMillis", "above 0");
        require(network.upKilobytes() > 0 && network.downKilobytes() > 0, "upKilobytes and downKilobytes", "above 0");
        require(battery.charged() >= 0 && battery.charged() <= 1, "battery.charged", "0 to 1");
        require(battery.perStep() >= 0, "battery.perStep", "0 or more");
        require(isHour(hours.from()) && isHour(hours.to()) && isHour(hours.spread()), "hours", "0 to 23");
    }

    /**
     * The class of one device, drawn by their shares.
     *
     * @param classes at least one
     * @param own draws of the device
     */
    public static DeviceClass drawn(List<DeviceClass> classes, SplittableRandom own) {
        double at = own.nextDouble()
                * classes.stream().mapToDouble(DeviceClass::share).sum();
        for (DeviceClass one : classes) {
            at -= one.share();
            if (at < 0) {
                return one;
            }
        }
        return classes.getLast();
    }

    /** How long it takes for so many optimizer steps. */
    public Duration training(int steps) {
        return millis(stepMillis * steps);
    }

    /** How long a message of that many bytes takes to the server, without jitter. */
    public Duration up(long bytes) {
        return millis(network.latencyMillis() + bytes / network.upKilobytes());
    }

    /** The same from the server. */
    public Duration down(long bytes) {
        return millis(network.latencyMillis() + bytes / network.downKilobytes());
    }

    private static Duration millis(double millis) {
        return Duration.ofNanos((long) (millis * 1e6));
    }

    private static boolean isHour(int hour) {
        return hour >= 0 && hour <= 23;
    }

    private static void require(boolean holds, String name, String range) {
        if (!holds) {
            throw new IllegalArgumentException(name + " of a device class is " + range);
        }
    }
}
