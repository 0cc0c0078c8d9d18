package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.FleetStore;
import dev.coppice.aggregator.store.FleetStore.SeenDevice;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.round.CheckIn;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many devices of a population come by within a day: counted in the database now and then, and in between by who was not seen
 * before. For any number of threads.
 */
final class Visitors {
    private static final Duration ACTIVE = Duration.ofDays(1);
    private static final Duration COUNTED_EVERY = Duration.ofSeconds(10);

    private final FleetStore store;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    private record Count(Instant at, long devices) {
        Count plusOne() {
            return new Count(at, devices + 1);
        }
    }

    Visitors(FleetStore store) {
        this.store = store;
    }

    /** Takes note of a device that checks in. */
    void came(String deviceId, String population, CheckIn said, Instant now) {
        SeenDevice device = new SeenDevice(
                deviceId,
                population,
                now.truncatedTo(ChronoUnit.HOURS),
                said.getAgentVersion(),
                Identifiers.isIdentifier(said.getDeviceClass()) ? said.getDeviceClass() : "",
                said.getExamples().name());
        if (store.saw(device, now.minus(ACTIVE))) {
            counts.computeIfPresent(population, (name, count) -> count.plusOne());
        }
    }

    long devices(String population, Instant now) {
        return counts.compute(
                        population,
                        (name, count) ->
                                count == null || !now.isBefore(count.at().plus(COUNTED_EVERY))
                                        ? new Count(now, store.devicesActive(population, now.minus(ACTIVE)))
                                        : count)
                .devices();
    }
}
