package dev.coppice.aggregator.release;

import dev.coppice.crypto.trust.RolloutPolicy.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One pack on its way to the devices of one class: from step to step, no faster than it may, and back at once when the guard
 * figures say so. Immutable.
 *
 * @param deviceClass as in {@link Lane}
 * @param version the pack that is being rolled out
 * @param otherwise version for the rest, and for all once it is halted
 * @param stepsPermille ascending shares of the devices, 1 to 1000
 * @param soak shortest time between two steps
 * @param limits of the guard figures
 * @param step which of the shares holds now
 * @param since when it began
 * @param haltedBecause empty unless halted
 */
public record Rollout(
        String deviceClass,
        long version,
        long otherwise,
        List<Integer> stepsPermille,
        Duration soak,
        GuardLimits limits,
        int step,
        Instant since,
        String haltedBecause) {
    private static final int STEPS_MAX = 32;

    /**
     * How bad guard figures may be.
     *
     * @param devicesMin figures of fewer devices are not looked at: they say more of single devices than of the pack
     * @param rolledBackMax share of the devices that tried the pack and went back
     * @param crashedMax share of the devices whose app crashed since
     * @param accuracyLossMax how much mean accuracy on the devices' own examples may fall
     */
    public record GuardLimits(int devicesMin, double rolledBackMax, double crashedMax, double accuracyLossMax) {
        public GuardLimits {
            boolean fits = devicesMin >= 1 && share(rolledBackMax) && share(crashedMax) && share(accuracyLossMax);
            if (!fits) {
                throw new IllegalArgumentException("limits of a guard are shares, of at least one device");
            }
        }

        private static boolean share(double value) {
            return value >= 0 && value <= 1;
        }
    }

    /**
     * What became of a pack on the devices that have it.
     *
     * @param devices how many there are
     * @param rolledBack of them
     * @param crashed of them
     * @param accuracyBefore mean, of the pack before
     * @param accuracyAfter mean, of this one
     */
    public record GuardFigures(
            double devices, double rolledBack, double crashed, double accuracyBefore, double accuracyAfter) {}

    /** @throws IllegalArgumentException if a value is out of range */
    public Rollout {
        stepsPermille = List.copyOf(stepsPermille);
        new Lane(deviceClass, version, 0, otherwise, false);
        boolean fits = !stepsPermille.isEmpty()
                && stepsPermille.size() <= STEPS_MAX
                && step >= 0
                && step < stepsPermille.size()
                && !soak.isNegative();
        int last = 0;
        for (int permille : stepsPermille) {
            fits &= permille > last && permille <= 1000;
            last = permille;
        }
        if (!fits || version == otherwise) {
            throw new IllegalArgumentException(
                    "a rollout has ascending steps of 1 to 1000 permille, between two versions");
        }
    }

    /** Before its first device. */
    public static Rollout begin(
            String deviceClass,
            long version,
            long otherwise,
            List<Integer> stepsPermille,
            Duration soak,
            GuardLimits limits,
            Instant now) {
        return new Rollout(deviceClass, version, otherwise, stepsPermille, soak, limits, 0, now, "");
    }

    public boolean isHalted() {
        return !haltedBecause.isEmpty();
    }

    /** The next step if this one has lasted long enough; this if not, if it is the last, or if it is halted. */
    public Rollout advanced(Instant now) {
        boolean due = !isHalted() && step + 1 < stepsPermille.size() && !now.isBefore(since.plus(soak));
        return due
                ? new Rollout(
                        deviceClass, version, otherwise, stepsPermille, soak, limits, step + 1, now, haltedBecause)
                : this;
    }

    /** Halted if the figures are of enough devices and beyond a limit; this if not. */
    public Rollout guarded(GuardFigures figures) {
        if (isHalted() || !(figures.devices() >= limits.devicesMin())) {
            return this;
        }
        if (!(figures.rolledBack() <= limits.rolledBackMax() * figures.devices())) {
            return halted("too many devices went back");
        }
        if (!(figures.crashed() <= limits.crashedMax() * figures.devices())) {
            return halted("too many devices crashed");
        }
        if (!(figures.accuracyAfter() >= figures.accuracyBefore() - limits.accuracyLossMax())) {
            return halted("accuracy fell too far");
        }
        return this;
    }

    /** For good: devices go back to the other version. */
    public Rollout halted(String because) {
        return new Rollout(deviceClass, version, otherwise, stepsPermille, soak, limits, step, since, because);
    }

    Lane lane() {
        return new Lane(deviceClass, version, stepsPermille.get(step), otherwise, isHalted());
    }
}
