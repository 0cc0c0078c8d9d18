package dev.coppice.simulator.online;

import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.simulator.online.OnlineReport.Check;
import dev.coppice.simulator.online.OnlineReport.Round;
import dev.coppice.simulator.online.OnlineReport.Steps;
import dev.coppice.simulator.online.Told.Outcome;
import dev.coppice.simulator.operator.TaskStatus;
import dev.coppice.simulator.world.DropoutPlan.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What acceptance asks for, and whether a run gave it. */
final class Verdict {
    private static final Set<Outcome> WRONGED = EnumSet.of(Outcome.REFUSED, Outcome.LEFT_BEHIND, Outcome.BROKEN_OFF);
    private static final int TOLD_MAX = 3;

    private final int roundsWanted;
    private final boolean isAlone;

    /**
     * @param roundsWanted that were to be played
     * @param isAlone whether no other devices take part
     */
    Verdict(int roundsWanted, boolean isAlone) {
        this.roundsWanted = roundsWanted;
        this.isAlone = isAlone;
    }

    /** @param givenUp why not all rounds were played; empty if they were */
    List<Check> checks(List<Round> rounds, String givenUp) {
        return List.of(rounds(rounds, givenUp), candidates(rounds), counts(rounds), devices(rounds));
    }

    private Check rounds(List<Round> rounds, String givenUp) {
        List<String> faults = new ArrayList<>();
        if (!givenUp.isEmpty()) {
            faults.add(givenUp);
        }
        for (Round round : rounds) {
            if (!isCompleted(round) && round.explained().isEmpty()) {
                faults.add("round " + round.number() + " was left " + round.phase()
                        + (round.reason().isEmpty() ? "" : " (" + round.reason() + ")")
                        + ", which nothing in the scenario explains");
            }
        }
        if (rounds.size() < roundsWanted) {
            faults.add(rounds.size() + " of " + roundsWanted + " rounds were played");
        }
        return check("every round is completed, or abandoned for a reason of the scenario", faults);
    }

    private static Check candidates(List<Round> rounds) {
        List<String> faults = new ArrayList<>();
        long completed = rounds.stream().filter(Verdict::isCompleted).count();
        if (completed == 0) {
            faults.add("no round was completed");
        }
        for (Round round : rounds) {
            if (!round.candidateFault().isEmpty()) {
                faults.add("round " + round.number() + ": " + round.candidateFault());
            }
        }
        return check("what each completed round made is there, and is an adapter of the task's form", faults);
    }

    /** Nobody is counted who did not come, and nobody is left out who was told that its message is taken. */
    private Check counts(List<Round> rounds) {
        List<String> faults = new ArrayList<>();
        for (Round round : rounds) {
            for (Steps steps : round.steps()) {
                if (steps.counted() < steps.answered() || (isAlone && steps.counted() > steps.sent())) {
                    faults.add("round " + round.number() + ", " + steps.step() + ": counted " + steps.counted()
                            + ", sent by " + steps.sent() + ", taken from " + steps.answered());
                }
            }
            int masked = round.steps().stream()
                    .filter(steps -> steps.step().equals(Step.MASKED.path()))
                    .mapToInt(Steps::sent)
                    .sum();
            if (isAlone && round.inSum() > masked) {
                faults.add("round " + round.number() + ": " + round.inSum() + " in the sum, of " + masked);
            }
        }
        return check("the aggregator counts the devices that did a step", faults);
    }

    private static Check devices(List<Round> rounds) {
        List<String> faults = new ArrayList<>();
        for (Round round : rounds) {
            for (Told told : round.told()) {
                if (WRONGED.contains(told.outcome())) {
                    faults.add("round " + round.number() + ", device " + told.device() + " "
                            + told.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                            + (told.step().isEmpty() ? "" : " at " + told.step()) + ": " + told.why());
                }
            }
        }
        return check("no device that kept to the protocol is refused, left behind or left without an answer", faults);
    }

    private static Check check(String name, List<String> faults) {
        String more = faults.size() > TOLD_MAX ? "; and " + (faults.size() - TOLD_MAX) + " more" : "";
        return new Check(
                name, faults.isEmpty(), String.join("; ", faults.subList(0, Math.min(TOLD_MAX, faults.size()))) + more);
    }

    static boolean isCompleted(Round round) {
        return round.phase().equals("completed");
    }

    /**
     * Why the scenario had a round abandoned: by what was to become of devices, too few were left for the step that failed.
     *
     * @param sizeMin of a cohort
     * @param dropoutBound part of a cohort that may be gone
     * @return in words; empty if it did not
     */
    static String explained(OnlineRound.Seen seen, int sizeMin, double dropoutBound) {
        Optional<Step> failed = seen.last().filter(TaskStatus.Round::aborted).flatMap(round -> failed(round.reason()));
        if (failed.isEmpty()) {
            return "";
        }
        Step step = failed.get();
        if (step == Step.ADVERTISE) {
            long missing = missing(seen, seen.guests().keySet(), step);
            return seen.guests().size() - missing < sizeMin
                    ? missing + " of " + seen.guests().size() + " devices might miss it, and a cohort needs " + sizeMin
                    : "";
        }
        long missing = missing(seen, seen.cohort(), step);
        return missing > dropoutBound * seen.cohort().size()
                ? missing + " of " + seen.cohort().size() + " devices might miss it by then, and the bound is "
                        + dropoutBound
                : "";
    }

    private static long missing(OnlineRound.Seen seen, Set<Integer> devices, Step step) {
        return seen.guests().values().stream()
                .filter(guest -> devices.contains(guest.device()))
                .filter(guest -> OnlineRun.fate(guest).mayMiss(step))
                .count();
    }

    /** The step that too few devices did; empty if drop-outs alone lead to no such end, or it is one of another version. */
    private static Optional<Step> failed(String reason) {
        Optional<AbortReason> known = Arrays.stream(AbortReason.values())
                .filter(one -> one.name().equals(reason))
                .findFirst();
        return known.flatMap(Verdict::failed);
    }

    private static Optional<Step> failed(AbortReason reason) {
        return switch (reason) {
            case TOO_FEW_DEVICES, COHORT_REFUSED -> Optional.of(Step.ADVERTISE);
            case TOO_FEW_SHARED -> Optional.of(Step.SHARES);
            case TOO_FEW_MASKED -> Optional.of(Step.MASKED);
            case SURVIVORS_REFUSED, TOO_FEW_ATTESTED -> Optional.of(Step.ATTEST);
            case SHARES_MISSING, TOO_FEW_GROUPS -> Optional.of(Step.UNMASK);
            case NONE,
                    HALTED,
                    TOO_STALE,
                    TASK_OVER,
                    TOO_FEW_OPENED,
                    INPUTS_MISSING,
                    RESTORED,
                    SUM_IMPLAUSIBLE,
                    RESULT_NOT_FINITE -> Optional.empty();
        };
    }
}
