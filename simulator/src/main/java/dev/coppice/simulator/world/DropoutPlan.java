package dev.coppice.simulator.world;

import dev.coppice.crypto.RandomSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who vanishes when: for every device and round, the step before which the device disappears, if it does. */
public final class DropoutPlan {
    /** The step of a round that a device does not live to see, in the order of the round. */
    public enum Step {
        ADVERTISE,
        SHARES,
        MASKED,
        ATTEST,
        UNMASK;

        /** Last part of the step's path on the wire, {@code /v1/rounds/{id}/…}. */
        public String path() {
            return switch (this) {
                case ADVERTISE -> "advertise";
                case SHARES -> "shares";
                case MASKED -> "masked";
                case ATTEST -> "attest";
                case UNMASK -> "unmask";
            };
        }
    }

    private final List<List<Optional<Step>>> byRound;

    private DropoutPlan(List<List<Optional<Step>>> byRound) {
        this.byRound = byRound;
    }

    /**
     * Draws who drops out of which round, each device on its own and each step alike.
     *
     * @param probability that a device which starts a round does not finish it, 0 to 1
     * @param rounds how many attempts at a round there may be, aborted ones included
     */
    public static DropoutPlan draw(double probability, int devices, int rounds, RandomSource random) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability lies between 0 and 1: " + probability);
        }
        Dice dice = new Dice(random);
        List<List<Optional<Step>>> byRound = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<Optional<Step>> steps = new ArrayList<>();
            for (int device = 0; device < devices; device++) {
                Step step = Step.values()[dice.below(Step.values().length)];
                steps.add(dice.chance() < probability ? Optional.of(step) : Optional.empty());
            }
            byRound.add(List.copyOf(steps));
        }
        return new DropoutPlan(List.copyOf(byRound));
    }

    /**
     * The step before which the device vanishes in that round.
     *
     * @param device from 0
     * @param round from 1, as on the wire
     */
    public Optional<Step> find(int device, int round) {
        return byRound.get(round - 1).get(device);
    }
}
