package dev.coppice.aggregator.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.crypto.metrics.Figure;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What personal adapters gain over the pack that they are on top of, as a round of metrics told it. Cells of too few devices are
 * withheld, those of the histogram by themselves: a gain that few devices have would be a word about them. Component names are
 * the JSON's.
 *
 * @param noise standard deviation of the noise in each figure
 * @param devicesMin nothing is said of fewer devices
 * @param classes of devices, as far as they are large enough
 * @param withheld classes that are not
 */
public record PersonalFigures(
        String skill, double noise, int devicesMin, List<OfClass> classes, List<String> withheld) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A cell is as large as it seems less so many deviations of its noise, but for one in a thousand. */
    private static final double DEVIATIONS = 3;

    /**
     * Sums over the devices of one class, with noise in each.
     *
     * @param deviceClass {@link RolloutPolicy#ALL_OTHERS} for the devices of no other class
     * @param judged devices that have a personal adapter, and examples to judge it by
     * @param rightBefore their accuracies with the pack, added up
     * @param rightAfter their accuracies with their own adapters, added up
     * @param gains devices by what they gain, in the order of {@link Figure#GAINS}; 0 where there are too few to tell, or where that would tell of others
     */
    public record OfClass(
            String deviceClass, double judged, double rightBefore, double rightAfter, List<Double> gains) {
        public OfClass {
            gains = List.copyOf(gains);
        }
    }

    public PersonalFigures {
        classes = List.copyOf(classes);
        withheld = List.copyOf(withheld);
    }

    /**
     * What a round has told.
     *
     * @param noise standard deviation in each value of {@code sum}
     * @param sum as {@link MetricsLayout} has it
     */
    public static PersonalFigures of(RoundTerms terms, int devicesMin, double noise, double[] sum) {
        double least = devicesMin + DEVIATIONS * noise;
        List<OfClass> classes = new ArrayList<>();
        List<String> withheld = new ArrayList<>();
        MetricsLayout.of(terms.getMetrics()).cells(sum).forEach((name, told) -> {
            Map<Figure, Double> figures = new EnumMap<>(told);
            double judged = figures.getOrDefault(Figure.PERSONAL_JUDGED, 0.0);
            if (judged < least) {
                withheld.add(name);
                return;
            }
            List<Double> gains = shown(
                    Figure.GAINS.stream()
                            .map(cell -> figures.getOrDefault(cell, 0.0))
                            .toList(),
                    least);
            classes.add(new OfClass(
                    name,
                    judged,
                    figures.getOrDefault(Figure.PERSONAL_RIGHT_BEFORE, 0.0),
                    figures.getOrDefault(Figure.PERSONAL_RIGHT_AFTER, 0.0),
                    gains));
        });
        return new PersonalFigures(terms.getSkill(), noise, devicesMin, classes, withheld);
    }

    /** A single cell that is withheld would be what the others lack of all: then a second one is. */
    private static List<Double> shown(List<Double> gains, double least) {
        List<Double> large = gains.stream().filter(devices -> devices >= least).toList();
        double smallest = large.size() == gains.size() - 1
                ? large.stream().min(Double::compare).orElse(least)
                : 0;
        return gains.stream()
                .map(devices -> devices < least || devices == smallest ? 0.0 : devices)
                .toList();
    }

    /** What {@link #toJson} wrote. */
    public static PersonalFigures of(byte[] json) throws IOException {
        return JSON.readValue(json, PersonalFigures.class);
    }

    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Plain values are always JSON", e);
        }
    }
}
