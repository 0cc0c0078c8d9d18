package dev.coppice.aggregator;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * How long what is kept (COPPICE_RETENTION_STEPS and COPPICE_RETENTION_PARTS in the environment). Keys, tasks, rounds with their
 * history, adapters, packs and the audit log stay; nonces go after minutes, messages with their round.
 *
 * @param steps who took part in a round's steps, after it ended: what a device is told that comes back late
 * @param parts devices' accounts; longer than any period that budgets hold in
 */
@ConfigurationProperties("coppice.retention")
record RetentionSettings(
        @Bindable(defaultValue = "30d") Duration steps,
        @Bindable(defaultValue = "400d") Duration parts) {}
