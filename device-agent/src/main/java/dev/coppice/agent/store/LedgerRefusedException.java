package dev.coppice.agent.store;

/** The ledger does not allow this device to go on with a round. Nothing was written. */
public abstract sealed class LedgerRefusedException extends Exception {
    private LedgerRefusedException(String message) {
        super(message);
    }

    /** The device entered this round before, perhaps before a crash; it never does so again. */
    public static final class AlreadyEntered extends LedgerRefusedException {
        AlreadyEntered(String roundId) {
            super("round " + roundId + " was entered before");
        }
    }

    /** This round was charged before: an update of this device may have left already. */
    public static final class AlreadyCharged extends LedgerRefusedException {
        AlreadyCharged(String roundId) {
            super("round " + roundId + " was charged before");
        }
    }

    /** With this round the device would have spent more than it may. */
    public static final class OverBudget extends LedgerRefusedException {
        OverBudget(double epsilonAfter, double epsilonMax) {
            super("this round would bring epsilon to " + epsilonAfter + ", at most " + epsilonMax + " is allowed");
        }
    }
}
