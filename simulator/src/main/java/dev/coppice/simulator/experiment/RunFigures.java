package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What one run of one trial came to.
 *
 * @param rounds after which it was last looked at
 * @param attackSuccess NaN if nobody wanted anything
 * @param epsilon infinite without noise
 * @param bytesUp of a device in a round
 * @param cpuMillis of a device in a round, evaluation included
 */
record RunFigures(
        int rounds,
        double loss,
        double accuracy,
        double attackSuccess,
        double epsilon,
        double bytesUp,
        double cpuMillis) {
    /** The figures that {@link Sweep} wrote; those of the last look. */
    static RunFigures of(JsonNode json) {
        JsonNode last = json.path("looks").path(json.path("looks").size() - 1);
        return new RunFigures(
                last.path("round").asInt(),
                last.path("loss").asDouble(Double.NaN),
                last.path("accuracy").asDouble(Double.NaN),
                json.path("attackSuccess").asDouble(Double.NaN),
                json.path("epsilon").asDouble(Double.POSITIVE_INFINITY),
                json.path("bytesUp").asDouble(),
                json.path("cpuMillisADevice").asDouble());
    }
}
