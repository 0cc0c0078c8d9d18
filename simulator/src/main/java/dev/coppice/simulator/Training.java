package dev.coppice.simulator;

import dev.coppice.agent.Participation;
import dev.coppice.simulator.report.RunReport.CurvePoint;
import dev.coppice.simulator.report.RunReport.RoundFigures;
import java.util.List;

/**
 * What the rounds came to.
 *
 * @param steps optimizer steps of all devices
 * @param refused attempts that a device declined, each with its reason
 */
record Training(List<CurvePoint> curve, List<RoundFigures> rounds, long steps, List<Participation.Refused> refused) {
    int completed() {
        return (int) rounds.stream().filter(RoundFigures::completed).count();
    }

    int aborted() {
        return rounds.size() - completed();
    }

    int dropouts() {
        return rounds.stream().mapToInt(RoundFigures::dropouts).sum();
    }

    double seconds() {
        return rounds.stream().mapToDouble(RoundFigures::seconds).sum();
    }

    int participations() {
        return rounds.stream().mapToInt(RoundFigures::started).sum();
    }
}
