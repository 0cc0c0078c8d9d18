package dev.coppice.simulator.fleet;

import java.util.List;
import java.util.SortedMap;

/**
 * What is known of one round; one line of {@code metrics.jsonl}.
 *
 * @param privacy as {@link Privacy#label}: {@code trust-sum} and {@code off} are not secure
 * @param outcome {@code completed}, or why the round was abandoned
 * @param asked devices that were asked to come
 * @param members devices in the cohort
 * @param inSum devices in the sum
 * @param dropouts devices that vanished, by the step that they did not take
 * @param refused devices that stayed out by themselves, by reason
 * @param steps optimizer steps of all devices
 * @param trainingLoss mean over devices of their last steps; NaN if nobody trained
 * @param bytesUp of all devices; 0 where nothing is sent
 * @param beganSeconds in virtual time from the run's start
 * @param endedSeconds in virtual time
 * @param phases when each phase of the round closed, in virtual seconds from its start
 * @param accuracy of the candidate on held-out texts; NaN if it was not judged
 * @param loss in nats
 * @param attackSuccess part of the attacker's examples that are answered as it wants; NaN if there are none
 * @param attackers malicious devices among those who trained
 * @param epsilonMax the most that any device of this round has spent in all, by its own ledger
 * @param classes figures by device class
 * @param candidateSha256 what the round made; the round's start if it was abandoned
 */
public record RoundRecord(
        int number,
        String privacy,
        String outcome,
        int asked,
        int members,
        int inSum,
        SortedMap<String, Integer> dropouts,
        SortedMap<String, Integer> refused,
        long steps,
        double trainingLoss,
        long bytesUp,
        long bytesDown,
        double beganSeconds,
        double endedSeconds,
        List<PhaseEnd> phases,
        double accuracy,
        double loss,
        double attackSuccess,
        int attackers,
        double epsilonMax,
        SortedMap<String, ClassFigures> classes,
        String candidateSha256) {
    /**
     * When a phase closed.
     *
     * @param devices that took its step
     */
    public record PhaseEnd(String phase, double seconds, int devices) {}

    /**
     * Figures of one device class.
     *
     * @param seconds mean virtual time from check-in until a device was done training
     */
    public record ClassFigures(int asked, int members, int inSum, double trainingLoss, double seconds) {}

    /** Whether the round made a candidate. */
    public boolean completed() {
        return outcome.equals("completed");
    }

    /** The same with what the judging of its candidate came to. */
    RoundRecord judged(double newAccuracy, double newLoss, double success) {
        return new RoundRecord(
                number,
                privacy,
                outcome,
                asked,
                members,
                inSum,
                dropouts,
                refused,
                steps,
                trainingLoss,
                bytesUp,
                bytesDown,
                beganSeconds,
                endedSeconds,
                phases,
                newAccuracy,
                newLoss,
                success,
                attackers,
                epsilonMax,
                classes,
                candidateSha256);
    }
}
