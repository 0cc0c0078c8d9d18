package dev.coppice.simulator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ParetoTest {
    private static TrialFigures trial(String name, double accuracy, double epsilon, double bytes, double cpu) {
        Trial trial =
                new Trial(new TreeMap<>(Map.of("/task/skill", new TextNode(name))), Json.MAPPER.createObjectNode());
        return TrialFigures.of(trial, List.of(new RunFigures(6, 1, accuracy, Double.NaN, epsilon, bytes, cpu)));
    }

    /** Mean and Student's half width by hand: 4.303 times 1 / sqrt(3). */
    @Test
    void anIntervalIsStudents() {
        Interval three = Interval.of(List.of(1.0, 2.0, 3.0));
        assertThat(three.mean()).isEqualTo(2);
        assertThat(three.half()).isCloseTo(2.4843, within(1e-3));
        assertThat(Interval.of(List.of(5.0, 7.0)).half()).isCloseTo(12.706, within(1e-3));
        assertThat(Interval.of(List.of(5.0)).half()).isNaN();
    }

    @Test
    void whoIsBeatenInNothingOrBetterInAnythingStays() {
        TrialFigures best = trial("best", 0.7, 8, 100, 5);
        TrialFigures cheap = trial("cheap", 0.6, 8, 50, 5);
        TrialFigures secret = trial("secret", 0.5, 2, 100, 9);
        TrialFigures beaten = trial("beaten", 0.6, 8, 60, 5);
        TrialFigures twin = trial("twin", 0.7, 8, 100, 5);
        TrialFigures quick = trial("quick", 0.4, 9, 900, 1);
        assertThat(Pareto.front(List.of(beaten, best, cheap, secret, twin, quick)))
                .containsExactly(best, cheap, secret, twin, quick);
    }

    @Test
    void theTableSaysWhatIsUnknownByNothing() {
        List<String> lines = Pareto.csv(List.of(trial("a \"b\"", 0.5, Double.POSITIVE_INFINITY, 10, 1)))
                .lines()
                .toList();
        assertThat(lines.getFirst()).startsWith("/task/skill,rounds,seeds,accuracy");
        assertThat(lines.getLast())
                .isEqualTo("\"\"\"a \\\"\"b\\\"\"\"\"\",6,1,0.500000,,1.00000,,,,10.0000,1.00000,true");
    }
}
