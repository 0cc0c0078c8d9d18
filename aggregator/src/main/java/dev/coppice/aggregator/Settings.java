package dev.coppice.aggregator;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;

/**
 * How an aggregator runs.
 *
 * @param home folder of all its state; made if it is missing
 * @param tick how often deadlines are looked at
 * @param pollHold how long a device's poll is held open at most
 */
@ConfigurationProperties("coppice")
record Settings(
        @NotBlank @Bindable(defaultValue = "coppice-aggregator")
        String home,

        @Bindable(defaultValue = "200ms") Duration tick,
        @Bindable(defaultValue = "10s") Duration pollHold) {}
