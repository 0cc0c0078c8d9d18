package dev.coppice.aggregator.limits;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;
import java.util.List;

/**
 * How much anyone may ask for. Zero means no limit.
 *
 * @param deviceRequestsPerSecond of one enrolled device, for long
 * @param deviceBurst of one enrolled device, at once
 * @param addressRequestsPerSecond of one address, for long; of IPv6, of one /64
 * @param addressBurst of one address, at once
 * @param addressConnections open at once to one address
 * @param proxies addresses that are not limited, and whose {@code X-Forwarded-For} is believed
 * @param headTime from the opening of a connection to the end of its first request's head
 * @param bodyTime for a body, on top of what it takes at 16 kB a second
 * @param idleTime between requests, to the end of the next one's head; for a reply's piece to be read, on top of what a body of its
 *     length may take
 */
@ConfigurationProperties("coppice.limits")
public record LimitSettings(
        @Bindable(defaultValue = "10") int deviceRequestsPerSecond,
        @Bindable(defaultValue = "100") int deviceBurst,
        @Bindable(defaultValue = "100") int addressRequestsPerSecond,
        @Bindable(defaultValue = "1000") int addressBurst,
        @Bindable(defaultValue = "256") int addressConnections,

        @Bindable(defaultValue = "127.0.0.1,0:0:0:0:0:0:0:1")
        List<String> proxies,

        @Bindable(defaultValue = "10s") Duration headTime,
        @Bindable(defaultValue = "10s") Duration bodyTime,
        @Bindable(defaultValue = "60s") Duration idleTime) {
    private static final int BYTES_PER_SECOND_MIN = 16_384;

    public LimitSettings {
        proxies = List.copyOf(proxies);
    }

    /** Buckets of requests by device. */
    public Buckets perDevice() {
        return new Buckets(deviceRequestsPerSecond, deviceBurst);
    }

    /** Buckets of requests by address. */
    public Buckets perAddress() {
        return new Buckets(addressRequestsPerSecond, addressBurst);
    }

    /** How long a body of so many bytes may take: whoever is slower than 16 kB a second is given up, here as on devices. */
    public Duration bodyTimeMax(long bytes) {
        return bodyTime.plusSeconds(bytes / BYTES_PER_SECOND_MIN);
    }

    /** How long a piece of a reply may wait to be read. */
    Duration readTimeMax(long bytes) {
        return bodyTimeMax(bytes).plus(idleTime);
    }
}
