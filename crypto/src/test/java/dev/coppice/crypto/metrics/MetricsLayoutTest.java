package dev.coppice.crypto.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Figures of devices, and how far one device can move their sum. */
class MetricsLayoutTest {
    private static final MetricsLayout LAYOUT = MetricsLayout.of(List.of("phone", "tablet"));
    private static final Map<Figure, Double> ALL = new EnumMap<>(Figure.class);

    static {
        for (Figure figure : Figure.OF_PACKS) {
            ALL.put(figure, 1.0);
        }
    }

    @Test
    void aDeviceFillsTheCellOfItsClassAlone() {
        Map<Figure, Double> figures = Map.of(Figure.TRIED, 1.0, Figure.RIGHT_AFTER, 0.75);
        for (String deviceClass : List.of("phone", "tablet", "watch")) {
            var cells = LAYOUT.cells(widened(LAYOUT.vector(deviceClass, figures)));
            assertThat(cells.keySet()).containsExactly("phone", "tablet", "*");
            cells.forEach((name, cell) -> {
                boolean own = name.equals(deviceClass) || (name.equals("*") && deviceClass.equals("watch"));
                assertThat(cell.get(Figure.TRIED)).isEqualTo(own ? 1 : 0);
                assertThat(cell.get(Figure.RIGHT_AFTER)).isEqualTo(own ? 0.75 : 0);
                assertThat(cell.get(Figure.CRASHED)).isEqualTo(0);
            });
        }
    }

    @Test
    void nothingThatADeviceMaySayIsLongerThanTheClip() {
        double squares = 0;
        for (float value : LAYOUT.vector("phone", ALL)) {
            squares += value * value;
        }
        assertThat(Math.sqrt(squares)).isCloseTo(MetricsLayout.CLIP_NORM, within(1e-12));
        for (double bad : new double[] {-0.01, 1.01, Double.NaN}) {
            assertThatThrownBy(() -> LAYOUT.vector("phone", Map.of(Figure.CRASHED, bad)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatIsToldOfAPersonalAdapterIsNoLongerThanItsClip() {
        MetricsLayout personal = MetricsLayout.of(MetricsSubject.PERSONAL_ADAPTERS, List.of("phone"));
        assertThat(personal.dimension()).isEqualTo(18);
        for (int points = -100; points <= 100; points++) {
            Map<Figure, Double> most = new EnumMap<>(Figure.class);
            most.put(Figure.PERSONAL_JUDGED, 1.0);
            most.put(Figure.PERSONAL_RIGHT_BEFORE, 1.0);
            most.put(Figure.PERSONAL_RIGHT_AFTER, 1.0);
            most.put(Figure.ofGain(points / 100.0), 1.0);
            double squares = 0;
            for (float value : personal.vector("phone", most)) {
                squares += value * value;
            }
            assertThat(Math.sqrt(squares)).isEqualTo(personal.clipNorm());
        }
        assertThatThrownBy(() -> personal.vector("phone", Map.of(Figure.TRIED, 1.0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void gainsFallIntoTheCellThatTheyAreIn() {
        double[] gains = {-1, -0.11, -0.10, -0.001, 0, 0.001, 0.10, 0.11, 0.25, 0.26, 1};
        int[] cells = {0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5};
        for (int i = 0; i < gains.length; i++) {
            assertThat(Figure.GAINS.indexOf(Figure.ofGain(gains[i])))
                    .as("%s", gains[i])
                    .isEqualTo(cells[i]);
        }
        assertThat(Figure.OF_PERSONAL_ADAPTERS).containsAll(Figure.GAINS);
    }

    /** What a device says that counts itself a thousand times is clipped by the device itself, before it is noised and masked. */
    @Test
    void aCountThatIsOutOfRangeIsCutToTheNormOfAnHonestOne() throws Exception {
        CohortBounds bounds = new CohortBounds(10, 10, 0.2, 0.05);
        NoisePlan plan = NoisePlan.off(bounds, LAYOUT.dimension(), MetricsLayout.CLIP_NORM, new byte[32]);
        float[] lie = new float[LAYOUT.dimension()];
        Arrays.fill(lie, 1000f);
        int[] encoded = new UpdateEncoder(plan.encoding()).encode(lie, new SeededBytes(1)::fill);
        double squares = 0;
        for (float value : new SumDecoder(plan.encoding()).decode(encoded)) {
            squares += value * value;
        }
        assertThat(Math.sqrt(squares)).isCloseTo(MetricsLayout.CLIP_NORM, within(0.05));
    }

    @Test
    void theNoiseOfASumIsWhatTheDecoderSays() throws Exception {
        CohortBounds bounds = new CohortBounds(20, 20, 0.2, 0.05);
        NoisePlan plan = NoisePlan.calibrate(
                new PrivacyGoal(2, 1e-8, 1), bounds, LAYOUT.dimension(), MetricsLayout.CLIP_NORM, new byte[32]);
        UpdateEncoder encoder = new UpdateEncoder(plan.encoding());
        SumDecoder decoder = new SumDecoder(plan.encoding());
        SeededBytes random = new SeededBytes(2);
        double squares = 0;
        int sums = 60;
        for (int i = 0; i < sums; i++) {
            int[] sum = new int[plan.encoding().paddedDimension()];
            for (int device = 0; device < 20; device++) {
                int[] encoded = encoder.encode(new float[LAYOUT.dimension()], random::fill);
                Arrays.setAll(sum, at -> sum[at] + encoded[at]);
            }
            for (float value : decoder.decode(sum)) {
                squares += value * value;
            }
        }
        double measured = Math.sqrt(squares / (sums * LAYOUT.dimension()));
        assertThat(decoder.noise(20, 0) / measured).isBetween(0.93, 1.07);
        assertThat(decoder.noise(20, plan.encoding().noiseSigma()) / decoder.noise(20, 0))
                .isCloseTo(Math.sqrt(21.0 / 20), within(1e-3));
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }
}
