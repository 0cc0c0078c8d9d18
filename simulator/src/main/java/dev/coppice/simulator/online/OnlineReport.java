package dev.coppice.simulator.online;

import java.util.List;
import java.util.Map;

/**
 * What a fleet saw of an aggregator. Component names are the JSON's.
 *
 * @param taskId of the aggregator's task
 * @param population that the devices were enrolled in
 * @param devices of the fleet
 * @param seconds from the opening of the first round that the fleet was there for to the end of the last
 * @param requests by kind, as paths are called: {@code blobs} are candidates, {@code poll} are held open by the aggregator
 *     until there is something to tell
 * @param requestsPerSecond in these seconds, enrolment left out
 * @param requestsBusiestSecond in the second that had the most
 * @param errors how many requests got which status of 400 and above, or no answer, and why
 * @param outages when the admin API did not answer
 * @param checks what acceptance asks for
 * @param accepted whether all of them passed
 */
public record OnlineReport(
        String scenario,
        String server,
        String taskId,
        String population,
        int devices,
        double seconds,
        List<Requests> requests,
        double requestsPerSecond,
        long requestsBusiestSecond,
        Map<String, Long> errors,
        List<Outage> outages,
        List<Round> rounds,
        List<Check> checks,
        boolean accepted) {
    /**
     * Requests of one kind.
     *
     * @param answered with whatever status; the times are theirs, in milliseconds
     * @param failed those with a status of 400 and above, and those without an answer
     * @param bytesUp bodies, without HTTP's own
     */
    public record Requests(
            String kind,
            long answered,
            long failed,
            double p50,
            double p95,
            double p99,
            double max,
            long bytesUp,
            long bytesDown) {}

    /**
     * A time without an answer.
     *
     * @param atSecond from the beginning of the rounds
     */
    public record Outage(double atSecond, double seconds) {}

    /**
     * One round.
     *
     * @param phase in which it was seen last; {@code completed} or {@code aborted} if it is over
     * @param reason why it was abandoned; empty otherwise
     * @param explained by what the scenario had its devices do, in words; empty if it is not, or nothing is to be explained
     * @param steps what devices sent, heard to be taken, and what the aggregator counts, in the order of the round
     * @param inSum devices in its sum
     * @param candidateSha256 what it made; empty if nothing
     * @param candidateFault what is wrong with that; empty if nothing
     * @param told what each device was told, which was asked to the round
     */
    public record Round(
            int number,
            String phase,
            String reason,
            String explained,
            double seconds,
            List<Steps> steps,
            int inSum,
            String candidateSha256,
            String candidateFault,
            List<Told> told) {}

    /**
     * How far devices came.
     *
     * @param sent devices that sent it
     * @param answered devices that heard that it was taken
     * @param counted by the aggregator
     */
    public record Steps(String step, int sent, int answered, int counted) {}

    /** Something that acceptance asks for. */
    public record Check(String name, boolean passed, String detail) {}
}
