package dev.coppice.crypto.privacy;

import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a device has spent: the arithmetic of it. Keeping the charges, durably and before anything is uploaded, is the
 * agent's part. No sampling is reckoned with: who takes part is no secret. Use on one thread.
 */
public final class PrivacyLedger {
    private final List<Entry> entries = new ArrayList<>();
    private Instant latest = Instant.MIN;

    /**
     * One participation, of an upload that has left or may have left the device.
     *
     * @param noiseMultiplier {@link NoisePlan#noiseMultiplier()} of its round; 0 if that had no noise. Of several things
     *     that one round releases, {@code ConcentratedAccountant.noiseMultiplier} of them together
     */
    public record Charge(double noiseMultiplier) {
        public Charge {
            if (!(noiseMultiplier >= 0 && noiseMultiplier < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("Not a noise multiplier: " + noiseMultiplier);
            }
        }

        double rho() {
            return 1 / (2 * noiseMultiplier * noiseMultiplier);
        }
    }

    /**
     * Participations and what they cost together: what devices and aggregator compare.
     *
     * @param participations 0 and more
     * @param rho of zero-concentrated differential privacy, 0 and more, infinite if a round had no noise
     */
    public record Total(long participations, double rho) {
        public static final Total NOTHING = new Total(0, 0);

        /** What two ways of adding the same numbers may differ by. */
        private static final double ROUNDING = 1e-9;

        public Total {
            if (participations < 0 || !(rho >= 0)) {
                throw new IllegalArgumentException("Not spent: " + participations + " rounds, rho " + rho);
            }
        }

        /** With one more round. */
        public Total plus(Charge charge) {
            return plus(new Total(1, charge.rho()));
        }

        /** Both together. */
        public Total plus(Total other) {
            long sum = participations + other.participations;
            return new Total(sum < 0 ? Long.MAX_VALUE : sum, rho + other.rho);
        }

        /** What {@code other} knows of that this does not, each number by itself. */
        public Total missing(Total other) {
            return new Total(
                    Math.max(0, other.participations - participations),
                    rho < other.rho * (1 - ROUNDING) ? other.rho - rho : 0);
        }

        /** Epsilon at {@code delta}. */
        public double epsilon(double delta) {
            return RdpAccountant.gaussian(1 / Math.sqrt(2 * rho)).epsilon(delta);
        }
    }

    private record Entry(Instant when, Total spent) {}

    /**
     * What a ledger says at one moment.
     *
     * @param budget that it is held against
     * @param inPeriod spent within the budget's period up to now
     * @param ever spent in the device's life
     * @param frees when the oldest of the period's participations leaves it; empty if there is none
     */
    public record Statement(PeriodBudget budget, Total inPeriod, Total ever, Optional<Instant> frees) {
        public double epsilonInPeriod() {
            return inPeriod.epsilon(budget.delta());
        }

        /** Epsilon of the device's life, which no budget limits. */
        public double epsilonEver() {
            return ever.epsilon(budget.delta());
        }

        /** How many rounds like this one still fit into the period. */
        public long participationsLeft(Charge each) {
            long left = 0;
            Total after = inPeriod.plus(each);
            while (left < budget.participationsMax() && fits(after)) {
                left++;
                after = after.plus(each);
            }
            return left;
        }

        /** Whether the period's budget allows for one more round. */
        public boolean affords(Charge charge) {
            return fits(inPeriod.plus(charge));
        }

        private boolean fits(Total after) {
            return after.participations() <= budget.participationsMax()
                    && after.epsilon(budget.delta()) <= budget.epsilonMax();
        }
    }

    /**
     * The epsilon spent by all of {@code charges} together; 0 for none, infinite if one had no noise.
     *
     * @param delta above 0, below 1
     */
    public static double epsilonAfter(List<Charge> charges, double delta) {
        Total total = Total.NOTHING;
        for (Charge charge : charges) {
            total = total.plus(charge);
        }
        return total.epsilon(delta);
    }

    /** Adds a participation. It counts from {@link #moment} on. */
    public void add(Instant when, Charge charge) {
        add(when, Total.NOTHING.plus(charge));
    }

    /** Adds participations that became known at one time. */
    public void add(Instant when, Total spent) {
        latest = moment(when);
        entries.add(new Entry(latest, spent));
    }

    /** {@code now}, or the time of the latest charge if a clock that was set back says less: time only goes on here. */
    public Instant moment(Instant now) {
        return now.isBefore(latest) ? latest : now;
    }

    /** All that was ever added. */
    public Total ever() {
        return sum(Instant.MIN);
    }

    /** What the ledger says at {@code now}: any charge less than a period ago is in the period. */
    public Statement statement(PeriodBudget budget, Instant now) {
        Instant start = minus(moment(now), budget.period());
        Optional<Instant> oldest = entries.stream()
                .map(Entry::when)
                .filter(when -> when.isAfter(start))
                .findFirst();
        return new Statement(budget, sum(start), ever(), oldest.map(when -> plus(when, budget.period())));
    }

    private Total sum(Instant after) {
        Total sum = Total.NOTHING;
        for (Entry entry : entries) {
            if (entry.when.isAfter(after)) {
                sum = sum.plus(entry.spent);
            }
        }
        return sum;
    }

    private static Instant minus(Instant moment, Duration period) {
        return period.compareTo(Duration.between(Instant.EPOCH, moment)) > 0 ? Instant.MIN : moment.minus(period);
    }

    private static Instant plus(Instant moment, Duration period) {
        return period.compareTo(Duration.between(moment, Instant.MAX)) > 0 ? Instant.MAX : moment.plus(period);
    }
}
