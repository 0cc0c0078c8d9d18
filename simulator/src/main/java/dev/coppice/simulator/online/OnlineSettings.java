package dev.coppice.simulator.online;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a fleet meets an aggregator.
 *
 * @param seed of data, of who is asked to which round and of what becomes of them; of no key and no noise
 * @param taskId of a task that is there already, which must be the scenario's; empty: the scenario's is posted, for a population
 *     of its own
 * @param arrival within which the devices of a round come, evenly
 * @param patience with an aggregator that does not answer, before the run is given up
 * @param workers native sessions that train
 * @param keepsDevices whether the devices stay enrolled
 * @param out folder for all that the run leaves behind
 */
public record OnlineSettings(
        long seed,
        Optional<String> taskId,
        Duration arrival,
        Duration patience,
        int workers,
        boolean keepsDevices,
        Path out) {
    public OnlineSettings {
        if (workers < 1 || arrival.isNegative() || patience.isNegative()) {
            throw new IllegalArgumentException("times are 0 or more, and there is at least one worker");
        }
    }
}
