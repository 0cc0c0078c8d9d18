package dev.coppice.aggregator.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.aggregator.guard.PackFigures.Cell;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.protocol.round.Metrics;
import dev.coppice.protocol.round.RoundTerms;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing is told of fewer devices than agreed, by themselves or by what is told of others. */
class PackFiguresTest {
    private static final List<String> CLASSES = List.of("phone", "tablet", "watch");
    private static final int MIN = 10;

    @Test
    void cellsOfTooFewDevicesAreAddedToTheOthers() {
        PackFigures figures = told(0, 40, 4, 9, 30);
        assertThat(figures.cells()).extracting(Cell::deviceClass).containsExactly("phone", "*");
        assertThat(figures.cells()).extracting(Cell::tried).containsExactly(40.0, 43.0);
        assertThat(figures.merged()).containsExactly("tablet", "watch");
        assertThat(figures.find("tablet")).contains(figures.cells().getLast());
        assertThat(figures.find("phone")).contains(figures.cells().getFirst());
        assertThat(figures.find("car")).contains(figures.cells().getLast());
    }

    @Test
    void whereAllOthersAreTooFewAsWellNothingIsToldOfThem() throws Exception {
        PackFigures figures = told(0, 40, 4, 5, 0);
        assertThat(figures.cells()).extracting(Cell::deviceClass).containsExactly("phone");
        assertThat(figures.find("tablet")).isEmpty();
        JsonNode json = new ObjectMapper().readTree(figures.toJson());
        assertThat(json.path("cells")).hasSize(1);
        assertThat(new String(figures.toJson(), StandardCharsets.UTF_8)).doesNotContain("4.0,");
        assertThat(told(0, 1, 2, 3, 3).cells()).isEmpty();
        assertThat(told(0, 1, 2, 3, 4).cells()).hasSize(1);
    }

    /** A cell that only seems large enough is not: so much noise makes ten of two. */
    @Test
    void noiseDoesNotMakeACellLargeEnough() {
        assertThat(told(2, 15.9, 0, 0, 0).cells()).isEmpty();
        assertThat(told(2, 16.1, 0, 0, 0).cells()).extracting(Cell::deviceClass).containsExactly("phone");
        double all = MIN + 3 * 2 * Math.sqrt(4); // of four cells that are added up
        assertThat(told(2, 0, 0, 0, all - 0.1).cells()).isEmpty();
        assertThat(told(2, 0, 0, 0, all + 0.1).cells()).hasSize(1);
        assertThat(told(2, 0, 0, 0, all + 0.1).noise()).isCloseTo(4, within(1e-9));
        assertThat(told(0, Double.NaN, 0, 0, 0).cells()).isEmpty();
    }

    @Test
    void accuracyIsToldWhereEnoughDevicesJudged() {
        PackFigures figures = told(0, 40, 4, 9, 30);
        Cell phone = figures.cells().getFirst();
        assertThat(figures.accuracyGain(phone).orElseThrow()).isCloseTo(0.25, within(1e-9));
        Cell few = new Cell("phone", 40, 0, 0, MIN - 0.1, 1, 9);
        assertThat(figures.accuracyGain(few)).isEmpty();
    }

    /** Half of the devices judged, 0.5 was right before and 0.75 is now. */
    private static PackFigures told(double noise, double... tried) {
        double[] sum = new double[MetricsLayout.of(CLASSES).dimension()];
        for (int cell = 0; cell < tried.length; cell++) {
            sum[6 * cell] = tried[cell];
            sum[6 * cell + 3] = tried[cell] / 2;
            sum[6 * cell + 4] = tried[cell] / 4;
            sum[6 * cell + 5] = 3 * tried[cell] / 8;
        }
        RoundTerms terms = RoundTerms.newBuilder()
                .setSkill("lights")
                .setMetrics(Metrics.newBuilder().setPackVersion(2).addAllDeviceClasses(CLASSES))
                .build();
        return PackFigures.of(terms, MIN, noise, sum);
    }
}
