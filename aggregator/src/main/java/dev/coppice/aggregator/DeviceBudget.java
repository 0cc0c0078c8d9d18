package dev.coppice.aggregator;

import dev.coppice.crypto.privacy.PeriodBudget;
import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * When a device is left alone because of what it has spent here. Each device has a budget of its own besides, which it
 * keeps whatever is set here.
 *
 * @param rounds most that a device is asked for in a period; 0 for no limit but the devices' own
 * @param epsilon most that they may come to in a period; 0 for no limit but the devices' own
 * @param delta that goes with it
 * @param period in which both are counted
 */
@ConfigurationProperties("coppice.device-budget")
record DeviceBudget(
        @Bindable(defaultValue = "0") long rounds,
        @Bindable(defaultValue = "0") double epsilon,
        @Bindable(defaultValue = "1e-8") double delta,
        @Bindable(defaultValue = "90d") Duration period) {
    PeriodBudget inAnyPeriod() {
        return new PeriodBudget(
                epsilon == 0 ? Double.POSITIVE_INFINITY : epsilon,
                delta,
                rounds == 0 ? Long.MAX_VALUE : rounds,
                period);
    }
}
