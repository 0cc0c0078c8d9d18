package dev.coppice.simulator.online;

import dev.coppice.agent.Participation;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.upload.Step;
import dev.coppice.protocol.round.Over;
import dev.coppice.simulator.world.Fate;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a device was told in a round that it was asked to.
 *
 * @param device from 0
 * @param fate what the scenario had become of it, in words; empty if nothing
 * @param outcome what came of it
 * @param step that was not completed; empty unless it left a round
 * @param why in its own words; empty if nothing is to be said
 */
record Told(int device, String fate, Outcome outcome, String step, String why) {
    /** What came of it. */
    enum Outcome {
        /** Its update is in the sum. */
        TOOK_PART,
        /** It vanished, as the scenario has it. */
        VANISHED,
        /** It missed a step after a pause that the scenario has. */
        LATE,
        /** The round had enough devices without it. */
        NOT_NEEDED,
        /** It had nothing to train on that the task can use. */
        NO_EXAMPLES,
        /** The round was abandoned. */
        ABANDONED,
        /** The aggregator refused it, or it refused what the aggregator asks. */
        REFUSED,
        /** It did nothing wrong, and the round went on without it. */
        LEFT_BEHIND,
        /** It broke off, for the reason that it gives: no answer, or one against the protocol. */
        BROKEN_OFF
    }

    /** That a device has something to say for itself which is no answer of its agent's. */
    static Told of(int device, Fate fate, Outcome outcome, String why) {
        return new Told(device, fate.toString(), outcome, "", why);
    }

    /** @param vanished whether it had vanished when its agent gave up */
    static Told of(int device, Fate fate, Participation said, boolean vanished) {
        return switch (said) {
            case Participation.TookPart ignored -> of(device, fate, Outcome.TOOK_PART, "");
            case Participation.NothingToDo ignored -> of(device, fate, Outcome.NOT_NEEDED, "");
            case Participation.NotNow no ->
                of(device, fate, Outcome.REFUSED, no.obstacle().name());
            case Participation.Refused no ->
                of(
                        device,
                        fate,
                        no.reason() == Reason.TOO_FEW_EXAMPLES ? Outcome.NO_EXAMPLES : Outcome.REFUSED,
                        no.reason() + ": " + no.why());
            case Participation.DroppedOut gone ->
                new Told(
                        device,
                        fate.toString(),
                        vanished ? Outcome.VANISHED : outcome(gone, fate),
                        gone.step().name(),
                        gone.why());
        };
    }

    private static Outcome outcome(Participation.DroppedOut gone, Fate fate) {
        Optional<Over.Code> code = code(gone.why());
        if (code.isEmpty()) {
            return gone.why().contains("the aggregator answered 4") ? Outcome.REFUSED : Outcome.BROKEN_OFF;
        }
        return switch (code.get()) {
            case ABORTED -> Outcome.ABANDONED;
            case COHORT_FULL -> Outcome.NOT_NEEDED;
            case COMPLETED, TOO_LATE, NOT_A_MEMBER -> {
                if (fate.pausesBefore().isPresent()) {
                    yield Outcome.LATE;
                }
                yield gone.step() == Step.ADVERTISE ? Outcome.NOT_NEEDED : Outcome.LEFT_BEHIND;
            }
            case CODE_UNSPECIFIED, UNRECOGNIZED -> Outcome.REFUSED;
        };
    }

    /** What the aggregator said of the round, as the agent repeats it. */
    private static Optional<Over.Code> code(String why) {
        return Arrays.stream(Over.Code.values())
                .filter(code -> why.endsWith(": " + code.name()))
                .findFirst();
    }
}
