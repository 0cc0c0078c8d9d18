package dev.coppice.simulator.operator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * What an aggregator knows of the privacy that one device has spent with it.
 *
 * @param participations in the period up to now
 * @param epsilon of them at {@code delta}; infinite if one had no noise
 * @param frees when the oldest of the period's rounds leaves it; empty if there is none
 */
public record DeviceSpent(
        long participations,
        double epsilon,
        long participationsEver,
        double epsilonEver,
        double delta,
        long periodDays,
        Optional<Instant> frees) {
    static DeviceSpent of(JsonNode reply) throws IOException {
        try {
            return new DeviceSpent(
                    reply.path("participations").asLong(),
                    epsilon(reply.path("epsilon")),
                    reply.path("participationsEver").asLong(),
                    epsilon(reply.path("epsilonEver")),
                    reply.path("delta").asDouble(),
                    reply.path("periodDays").asLong(),
                    reply.hasNonNull("frees")
                            ? Optional.of(Instant.parse(reply.path("frees").asText()))
                            : Optional.empty());
        } catch (DateTimeParseException e) {
            throw new IOException("the aggregator's account of the device names no time", e);
        }
    }

    private static double epsilon(JsonNode number) {
        return number.isNumber() ? number.asDouble() : Double.POSITIVE_INFINITY;
    }
}
