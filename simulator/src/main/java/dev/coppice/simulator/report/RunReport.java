package dev.coppice.simulator.report;

import java.util.List;

/**
 * A run in numbers: the summary and what the charts show beyond it.
 *
 * @param title what was run, for the heading
 * @param curve the candidate after each completed round, on a sample of devices; starts with round 0, the base model
 * @param packGain for each device, held-out accuracy with the pack minus with the base model
 * @param personalGain for each device, held-out accuracy with its own adapter minus with the base model
 * @param rounds every attempt at a round, in order
 * @param timings where the time went
 * @param rerun the command that repeats the run
 */
public record RunReport(
        String title,
        Summary summary,
        List<CurvePoint> curve,
        List<Double> packGain,
        List<Double> personalGain,
        List<RoundFigures> rounds,
        List<Timing> timings,
        String rerun) {
    /**
     * One measurement of a candidate.
     *
     * @param devices size of the sample
     */
    public record CurvePoint(int round, double accuracy, double loss, int devices) {}

    /**
     * One attempt at a round.
     *
     * @param number from 1; aborted attempts count
     * @param outcome {@code completed}, or why it was aborted
     * @param vanished devices that dropped out before advertise, shares, masked, attest and unmask
     * @param epsilonAfter the most that any device has spent by then; 0 where privacy is off
     */
    public record RoundFigures(
            int number,
            String outcome,
            int started,
            int inSum,
            List<Integer> vanished,
            double epsilonAfter,
            double seconds) {
        public boolean completed() {
            return outcome.equals("completed");
        }

        public int dropouts() {
            return vanished.stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** How long one part of the run took. */
    public record Timing(String what, double seconds) {}
}
