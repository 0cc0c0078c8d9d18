package dev.coppice.simulator.fleet;

import dev.coppice.agent.upload.Step;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.world.SeededRandomSource;
import java.time.Duration;
import java.util.Optional;

/**
 * A device that is asked to a round, and what will become of it there.
 *
 * @param device from 0
 * @param arrives after the round's start, when it checks in
 * @param skew by which its clock is ahead
 * @param vanishes the step before which it is gone for good
 * @param pauses the step before which it is away for a while
 * @param pause for how long
 * @param random of its part in this round, and nothing else
 */
public record Guest(
        int device,
        DeviceClass deviceClass,
        boolean malicious,
        Duration arrives,
        Duration skew,
        Optional<Step> vanishes,
        Optional<Step> pauses,
        Duration pause,
        SeededRandomSource random) {
    String deviceId() {
        return FleetKeys.deviceId(device);
    }

    /** How long it takes to train. */
    Duration training(int steps) {
        return deviceClass.training(steps);
    }

    /** How long a message of that many bytes takes to the server, without jitter. */
    Duration up(long bytes) {
        return deviceClass.up(bytes);
    }

    /** The same from the server. */
    Duration down(long bytes) {
        return deviceClass.down(bytes);
    }

    boolean isGoneBefore(Step step) {
        return vanishes.filter(at -> at == step).isPresent();
    }

    /** How long it is away before a step. */
    Duration pauseBefore(Step step) {
        return pauses.filter(at -> at == step).map(at -> pause).orElse(Duration.ZERO);
    }

    /** When it has trained and said so, after the round's start. */
    Duration ready(int steps) {
        return arrives.plus(pauseBefore(Step.TRAIN))
                .plus(training(steps))
                .plus(pauseBefore(Step.ADVERTISE))
                .plus(up(1_000));
    }
}
