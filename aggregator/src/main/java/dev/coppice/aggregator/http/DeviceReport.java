package dev.coppice.aggregator.http;

import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What a device has spent here, as far as the aggregator knows. Component names are the JSON's; epsilon at {@code delta}
 * is null where a round had no noise.
 *
 * @param participations in the present period
 * @param participationsEver in all time
 * @param frees when the oldest of the period's rounds leaves it, ISO 8601; null if there is none
 */
record DeviceReport(
        String deviceId,
        long participations,
        @Nullable Double epsilon,
        long participationsEver,
        @Nullable Double epsilonEver,
        double delta,
        long periodDays,
        @Nullable String frees) {
    static DeviceReport of(String deviceId, Statement statement) {
        return new DeviceReport(
                deviceId,
                statement.inPeriod().participations(),
                finite(statement.epsilonInPeriod()),
                statement.ever().participations(),
                finite(statement.epsilonEver()),
                statement.budget().delta(),
                statement.budget().period().toDays(),
                statement.frees().map(Object::toString).orElse(null));
    }

    private static @Nullable Double finite(double epsilon) {
        return epsilon < Double.POSITIVE_INFINITY ? epsilon : null;
    }
}
