package dev.coppice.simulator.report;

import dev.coppice.simulator.report.HeldOut.Score;
import dev.coppice.simulator.report.RunReport.CurvePoint;
import dev.coppice.simulator.report.RunReport.RoundFigures;
import dev.coppice.simulator.report.RunReport.Timing;
import java.util.List;
import java.util.stream.IntStream;

/** A run as it might have been, for looking at how it is shown. */
final class SampleRun {
    static final HeldOut IMPROVED = new HeldOut(
            new Score(0.061, 3.61),
            new Score(0.702, 1.204),
            new Score(0.742, 1.09),
            new Score(0.781, 0.873),
            new Score(0.824, 0.741));

    private SampleRun() {}

    static Summary summary(PrivacyMode privacy, HeldOut heldOut) {
        boolean noisy = privacy != PrivacyMode.OFF;
        return new Summary(
                privacy,
                200,
                6,
                1,
                63,
                heldOut,
                noisy ? 7.93 : null,
                1e-8,
                812_345,
                1_623_000,
                412.3,
                11.2,
                141.2,
                new Summary.Pack("assistant", 1, "ab".repeat(32)),
                privacy == PrivacyMode.SIMULATED ? 7L : null,
                heldOut.improved(HeldOut.Measure.ACCURACY),
                heldOut.statement(HeldOut.Measure.ACCURACY),
                "text-classification",
                "made-up people",
                0.05,
                noisy ? 8.0 : null,
                noisy ? 2.31 : 0,
                new Summary.Installs(193, 7, 0),
                new Summary.Personals(150, 50),
                new Summary.Texts(12_000, 4_000));
    }

    static RunReport report(Summary summary) {
        List<CurvePoint> curve = IntStream.rangeClosed(0, 6)
                .mapToObj(round -> new CurvePoint(round, 0.70 + 0.012 * round, 1.2 - 0.05 * round, 40))
                .toList();
        List<Double> gains = IntStream.range(0, 200)
                .mapToObj(device -> (device % 17 - 5) / 60.0)
                .toList();
        List<RoundFigures> rounds = IntStream.rangeClosed(1, 7)
                .mapToObj(number -> new RoundFigures(
                        number,
                        number == 3 ? "too few devices finished" : "completed",
                        200,
                        number == 3 ? 0 : 191,
                        List.of(2, number % 3, 3, 0, 1),
                        summary.epsilon() == null ? 0 : 3 + 0.7 * number,
                        11.5))
                .toList();
        return new RunReport(
                "200 devices, 6 rounds",
                summary,
                curve,
                gains,
                gains.stream().map(gain -> gain + 0.03).toList(),
                rounds,
                List.of(new Timing("preparation", 12.1), new Timing("rounds", 80.5)),
                "./coppice demo --data <b>&.jsonl --seed 7");
    }
}
