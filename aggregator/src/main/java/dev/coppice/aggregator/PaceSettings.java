package dev.coppice.aggregator;

import dev.coppice.aggregator.round.Pace;
import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * When devices come back.
 *
 * @param soonest shortest wait of a device that a task could use; waits are up to five times as long, and longer for many devices
 * @param idle shortest wait while there is no task; waits are up to three times as long
 * @param checkInsPerSecond most of one population in the long run
 */
@ConfigurationProperties("coppice.pace")
record PaceSettings(
        @Bindable(defaultValue = "60s") Duration soonest,
        @Bindable(defaultValue = "1h") Duration idle,
        @Bindable(defaultValue = "100") double checkInsPerSecond) {
    Pace.Bounds bounds() {
        return new Pace.Bounds(soonest, idle, checkInsPerSecond);
    }
}
