package dev.coppice.aggregator.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.crypto.metrics.Figure;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How a pack, or a candidate, does on devices, as a round of metrics told it. Cells of too few devices are added to the cell of
 * all others, and if that is too small as well, nothing is said of them. Component names are the JSON's.
 *
 * @param packVersion of the pack; 0 if it is the candidate
 * @param candidateSha256 the candidate, if it is one
 * @param noise standard deviation of the noise in each figure
 * @param devicesMin no cell is of fewer devices
 * @param cells by class of devices
 * @param merged classes whose devices were too few for a cell of their own
 */
public record PackFigures(
        String skill,
        long packVersion,
        String candidateSha256,
        double noise,
        int devicesMin,
        List<Cell> cells,
        List<String> merged) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A cell is as large as it seems less so many deviations of its noise, but for one in a thousand. */
    private static final double DEVIATIONS = 3;

    /**
     * Sums over the devices of one class, with noise in each.
     *
     * @param deviceClass {@link RolloutPolicy#ALL_OTHERS} for the devices of no other cell
     * @param tried devices that tried the pack
     * @param wentBack of them, those that found it worse or went back
     * @param crashed of them, those whose app crashed since
     * @param judged of them, those that had examples to judge it by
     * @param rightBefore their accuracies before, added up
     * @param rightAfter their accuracies with it, added up
     */
    public record Cell(
            String deviceClass,
            double tried,
            double wentBack,
            double crashed,
            double judged,
            double rightBefore,
            double rightAfter) {}

    public PackFigures {
        cells = List.copyOf(cells);
        merged = List.copyOf(merged);
    }

    /**
     * What a round has told.
     *
     * @param noise standard deviation in each value of {@code sum}
     * @param sum as {@link MetricsLayout} has it
     */
    public static PackFigures of(RoundTerms terms, int devicesMin, double noise, double[] sum) {
        List<Cell> cells = new ArrayList<>();
        List<String> merged = new ArrayList<>();
        Map<Figure, Double> others = new LinkedHashMap<>();
        double othersNoise = 0;
        for (Map.Entry<String, Map<Figure, Double>> cell :
                MetricsLayout.of(terms.getMetrics()).cells(sum).entrySet()) {
            boolean last = cell.getKey().equals(RolloutPolicy.ALL_OTHERS);
            if (!last && isEnough(cell.getValue(), noise, devicesMin)) {
                cells.add(cell(cell.getKey(), cell.getValue()));
                continue;
            }
            cell.getValue().forEach((figure, value) -> others.merge(figure, value, Double::sum));
            othersNoise = Math.hypot(othersNoise, noise);
            if (!last) {
                merged.add(cell.getKey());
            }
        }
        if (isEnough(others, othersNoise, devicesMin)) {
            cells.add(cell(RolloutPolicy.ALL_OTHERS, others));
        }
        long version = terms.getMetrics().getPackVersion();
        return new PackFigures(
                terms.getSkill(),
                version,
                version == 0 ? terms.getCandidateSha256() : "",
                Math.max(noise, othersNoise),
                devicesMin,
                cells,
                merged);
    }

    /** What is known of a class of devices: by its own cell, or else by that of all others. */
    public Optional<Cell> find(String deviceClass) {
        return cells.stream()
                .filter(cell -> cell.deviceClass().equals(deviceClass))
                .findFirst()
                .or(() -> cells.stream()
                        .filter(cell -> cell.deviceClass().equals(RolloutPolicy.ALL_OTHERS))
                        .findFirst());
    }

    /** By how much mean accuracy rose; empty if too few devices judged. */
    public OptionalDouble accuracyGain(Cell cell) {
        return cell.judged() - DEVIATIONS * noise >= devicesMin
                ? OptionalDouble.of((cell.rightAfter() - cell.rightBefore()) / cell.judged())
                : OptionalDouble.empty();
    }

    /** What {@link #toJson} wrote. */
    public static PackFigures of(byte[] json) throws IOException {
        return JSON.readValue(json, PackFigures.class);
    }

    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Plain values are always JSON", e);
        }
    }

    private static boolean isEnough(Map<Figure, Double> figures, double noise, int devicesMin) {
        return figures.getOrDefault(Figure.TRIED, 0.0) - DEVIATIONS * noise >= devicesMin;
    }

    private static Cell cell(String deviceClass, Map<Figure, Double> figures) {
        return new Cell(
                deviceClass,
                figures.getOrDefault(Figure.TRIED, 0.0),
                figures.getOrDefault(Figure.WENT_BACK, 0.0),
                figures.getOrDefault(Figure.CRASHED, 0.0),
                figures.getOrDefault(Figure.JUDGED, 0.0),
                figures.getOrDefault(Figure.RIGHT_BEFORE, 0.0),
                figures.getOrDefault(Figure.RIGHT_AFTER, 0.0));
    }
}
