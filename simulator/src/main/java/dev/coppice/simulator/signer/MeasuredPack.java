package dev.coppice.simulator.signer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.pack.AccuracyInterval;
import dev.coppice.adapters.pack.ClassAccuracy;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a round of metrics told of a candidate, as far as a pack says it.
 *
 * @param sha256 of the aggregator's figures
 * @param accuracies of the classes of which enough devices judged
 */
record MeasuredPack(String sha256, List<ClassAccuracy> accuracies) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double DEVIATIONS = 3;

    /**
     * Reads figures by their hash.
     *
     * @throws IOException if they are others, or make no sense
     */
    static MeasuredPack read(String sha256, byte[] figures) throws IOException {
        if (!Sha256.hex(figures).equals(sha256)) {
            throw new IOException("the aggregator has other figures than its round made");
        }
        JsonNode told = JSON.readTree(figures);
        double noise = told.path("noise").asDouble();
        double devicesMin = told.path("devicesMin").asDouble();
        List<ClassAccuracy> accuracies = new ArrayList<>();
        try {
            for (JsonNode cell : told.path("cells")) {
                double judged = cell.path("judged").asDouble();
                if (judged - DEVIATIONS * noise >= devicesMin) {
                    double before = share(cell.path("rightBefore").asDouble() / judged);
                    double after = share(cell.path("rightAfter").asDouble() / judged);
                    AccuracyInterval interval = AccuracyInterval.of(after, judged, noise);
                    accuracies.add(new ClassAccuracy(
                            cell.path("deviceClass").asText(), judged, before, after, interval.low(), interval.high()));
                }
            }
            return new MeasuredPack(sha256, List.copyOf(accuracies));
        } catch (IllegalArgumentException e) {
            throw new IOException("the aggregator's figures make no sense: " + e.getMessage(), e);
        }
    }

    /** Noise may take it beyond either end. */
    private static double share(double value) {
        return Math.max(0, Math.min(1, value));
    }
}
