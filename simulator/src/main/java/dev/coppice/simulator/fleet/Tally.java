package dev.coppice.simulator.fleet;

import dev.coppice.agent.upload.Step;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.fleet.RoundRecord.ClassFigures;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What became of each guest of a round. Each guest's part may be told by another thread; the figures come in one order. */
final class Tally {
    private final List<Guest> guests;
    private final Map<Integer, Part> parts = new ConcurrentHashMap<>();

    /**
     * One guest's part.
     *
     * @param refused why it stayed out
     * @param gone the step that it did not take
     * @param member whether it was in the cohort
     * @param inSum whether its update is in the sum
     * @param loss of training; NaN if it did not train
     * @param ready after check-in, when it was done training
     */
    record Part(
            Optional<String> refused,
            Optional<Step> gone,
            boolean member,
            boolean inSum,
            int steps,
            double loss,
            Duration ready,
            long bytesUp,
            long bytesDown,
            Total spent) {
        static final Part ABSENT = new Part(
                Optional.empty(), Optional.empty(), false, false, 0, Double.NaN, Duration.ZERO, 0, 0, Total.NOTHING);

        Part counted(boolean isMember, boolean isInSum) {
            return new Part(refused, gone, isMember, isInSum, steps, loss, ready, bytesUp, bytesDown, spent);
        }

        Part inSum(boolean counted) {
            return new Part(refused, gone, member, counted, steps, loss, ready, bytesUp, bytesDown, spent);
        }
    }

    Tally(List<Guest> guests) {
        this.guests = guests;
    }

    void tell(int device, Part part) {
        parts.put(device, part);
    }

    Part part(int device) {
        return parts.getOrDefault(device, Part.ABSENT);
    }

    int members() {
        return (int)
                guests.stream().filter(guest -> part(guest.device()).member()).count();
    }

    int inSum() {
        return (int)
                guests.stream().filter(guest -> part(guest.device()).inSum()).count();
    }

    int attackers() {
        return (int) guests.stream()
                .filter(guest -> guest.malicious() && part(guest.device()).steps() > 0)
                .count();
    }

    long steps() {
        return guests.stream().mapToLong(guest -> part(guest.device()).steps()).sum();
    }

    long bytesUp() {
        return guests.stream()
                .mapToLong(guest -> part(guest.device()).bytesUp())
                .sum();
    }

    long bytesDown() {
        return guests.stream()
                .mapToLong(guest -> part(guest.device()).bytesDown())
                .sum();
    }

    double trainingLoss() {
        return guests.stream()
                .map(guest -> part(guest.device()))
                .filter(part -> part.steps() > 0)
                .mapToDouble(Part::loss)
                .average()
                .orElse(Double.NaN);
    }

    /** The most that any of them has spent in all. */
    Total spentMost() {
        Total most = Total.NOTHING;
        for (Guest guest : guests) {
            Total spent = part(guest.device()).spent();
            most = spent.rho() > most.rho() ? spent : most;
        }
        return most;
    }

    SortedMap<String, Integer> dropouts() {
        SortedMap<String, Integer> dropouts = new TreeMap<>();
        for (Guest guest : guests) {
            part(guest.device())
                    .gone()
                    .ifPresent(step -> dropouts.merge(step.name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        }
        return dropouts;
    }

    SortedMap<String, Integer> refused() {
        SortedMap<String, Integer> refused = new TreeMap<>();
        for (Guest guest : guests) {
            part(guest.device()).refused().ifPresent(why -> refused.merge(why, 1, Integer::sum));
        }
        return refused;
    }

    SortedMap<String, ClassFigures> classes(List<DeviceClass> all) {
        SortedMap<String, ClassFigures> figures = new TreeMap<>();
        for (DeviceClass kind : all) {
            List<Part> own = guests.stream()
                    .filter(guest -> guest.deviceClass().equals(kind))
                    .map(guest -> part(guest.device()))
                    .toList();
            List<Part> trained = own.stream().filter(part -> part.steps() > 0).toList();
            figures.put(
                    kind.name(),
                    new ClassFigures(
                            own.size(),
                            (int) own.stream().filter(Part::member).count(),
                            (int) own.stream().filter(Part::inSum).count(),
                            trained.stream().mapToDouble(Part::loss).average().orElse(Double.NaN),
                            trained.stream()
                                    .mapToDouble(part -> part.ready().toMillis() / 1e3)
                                    .average()
                                    .orElse(Double.NaN)));
        }
        return figures;
    }
}
