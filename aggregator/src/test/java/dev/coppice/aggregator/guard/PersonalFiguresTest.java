package dev.coppice.aggregator.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.metrics.Figure;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.protocol.round.Metrics;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.RoundTerms;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing is told of too few devices, not even by what is left over. */
class PersonalFiguresTest {
    private static final RoundTerms TERMS = RoundTerms.newBuilder()
            .setSkill("lights")
            .setMetrics(Metrics.newBuilder()
                    .setSubject(MetricsSubject.PERSONAL_ADAPTERS)
                    .addDeviceClasses("phone"))
            .build();

    private static PersonalFigures figures(double noise, double phones, double others, double... gainsOfOthers) {
        MetricsLayout layout = MetricsLayout.of(TERMS.getMetrics());
        double[] sum = new double[layout.dimension()];
        int cell = Figure.OF_PERSONAL_ADAPTERS.size();
        sum[0] = phones;
        sum[cell] = others;
        sum[cell + 1] = others / 2;
        sum[cell + 2] = others * 3 / 4;
        System.arraycopy(gainsOfOthers, 0, sum, cell + 3, gainsOfOthers.length);
        return PersonalFigures.of(TERMS, 10, noise, sum);
    }

    @Test
    void aClassOfTooFewDevicesIsWithheldWhateverItsNoise() {
        PersonalFigures figures = figures(2, 15.9, 16.1);
        assertThat(figures.withheld()).containsExactly("phone");
        assertThat(figures.classes()).hasSize(1);
        assertThat(figures.classes().getFirst().deviceClass()).isEqualTo("*");
        assertThat(figures.classes().getFirst().rightAfter()).isEqualTo(16.1 * 3 / 4);
    }

    @Test
    void cellsOfTooFewDevicesAreNotTold() {
        assertThat(gains(12, 3, 0, 20, 30, 11)).isEqualTo(List.of(12.0, 0.0, 0.0, 20.0, 30.0, 11.0));
        assertThat(gains(12, 13, 14, 20, 30, 11)).isEqualTo(List.of(12.0, 13.0, 14.0, 20.0, 30.0, 11.0));
    }

    @Test
    void aSingleSmallCellTakesTheSmallestOtherOneWithIt() {
        assertThat(gains(12, 3, 14, 20, 30, 11)).isEqualTo(List.of(12.0, 0.0, 14.0, 20.0, 30.0, 0.0));
    }

    private static List<Double> gains(double... gains) {
        return figures(0, 0, 100, gains).classes().getFirst().gains();
    }
}
