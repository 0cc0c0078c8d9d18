package dev.coppice.agent.store;

import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;

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
        /** @param statement before the round */
        public OverBudget(Statement statement) {
            super(message(statement));
        }

        private static String message(Statement statement) {
            PeriodBudget budget = statement.budget();
            String spent = statement.inPeriod().participations() + " rounds and epsilon " + statement.epsilonInPeriod()
                    + " are spent of " + budget.participationsMax() + " and " + budget.epsilonMax() + " in "
                    + budget.period().toDays() + " days";
            return spent
                    + statement
                            .frees()
                            .map(when -> "; the oldest frees at " + when)
                            .orElse("");
        }
    }
}
