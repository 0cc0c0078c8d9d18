package dev.coppice.simulator.fleet;

import dev.coppice.agent.upload.Step;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.extension.DeviceClass.Hours;
import dev.coppice.simulator.world.SeededRandomSource;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Who is asked to which round, and what becomes of them: all drawn from the seed, whatever happened before. */
public final class Guests {
    private static final List<Step> STEPS =
            List.of(Step.TRAIN, Step.ADVERTISE, Step.SHARES, Step.MASKED_INPUT, Step.ATTEST, Step.UNMASK);

    private final FleetSettings settings;
    private final SeededRandomSource random;
    private final int devices;
    private final int cohortMax;
    private final int rounds;
    private final int localSteps;
    private final Duration window;

    /**
     * The guests of a run.
     *
     * @param random of the whole run
     * @param devices how many there are
     */
    public Guests(FleetSettings settings, SeededRandomSource random, int devices) {
        this.settings = settings;
        this.random = random;
        this.devices = devices;
        cohortMax = settings.task().path("cohort").path("max").asInt();
        rounds = settings.task().path("rounds").asInt();
        localSteps = settings.task().path("localSteps").asInt();
        window = Duration.ofSeconds(
                settings.task().path("phaseSeconds").path("advertise").asInt() / 3);
    }

    /** Draws of a run that are nobody's own. */
    SplittableRandom draws(String path) {
        return random.fork(path).splittable();
    }

    DeviceClass classOf(int device) {
        return DeviceClass.drawn(
                settings.classes(), random.fork("device/" + device + "/class").splittable());
    }

    /**
     * Those who are asked to a round, in the order of their numbers.
     *
     * @param number from 1
     * @param now when it opens
     */
    public List<Guest> of(int number, Instant now) {
        SplittableRandom draws = random.fork("round/" + number + "/guests").splittable();
        List<Integer> free = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            if (isFree(device, number, now)) {
                free.add(device);
            }
        }
        int asked = Math.min(free.size(), (int) Math.ceil(cohortMax * settings.overSelection()));
        for (int i = 0; i < asked; i++) { // Fisher and Yates, as far as needed
            int j = i + draws.nextInt(free.size() - i);
            Integer held = free.get(i);
            free.set(i, free.get(j));
            free.set(j, held);
        }
        return free.subList(0, asked).stream()
                .sorted()
                .map(device -> guest(device, number))
                .toList();
    }

    private boolean isFree(int device, int number, Instant now) {
        DeviceClass kind = classOf(device);
        if (kind.memoryMiB() < settings.behaviour().memoryMiB()) {
            return false;
        }
        SplittableRandom life = random.fork("device/" + device + "/life").splittable();
        double joins = life.nextDouble();
        double joinsAt = life.nextDouble();
        double leaves = life.nextDouble();
        double leavesAt = life.nextDouble();
        int zone = life.nextInt(25);
        double done = rounds == 1 ? 0 : (number - 1.0) / (rounds - 1);
        if ((joins < settings.behaviour().joining() && joinsAt > done)
                || (leaves < settings.behaviour().leaving() && leavesAt < done)) {
            return false;
        }
        Hours hours = kind.hours();
        int shift = hours.spread() == 0 ? 0 : zone % (hours.spread() + 1);
        int hour = (now.atOffset(ZoneOffset.UTC).getHour() + shift) % 24;
        double charged = random.fork("device/" + device + "/charge/" + number)
                .splittable()
                .nextDouble();
        return hours.holds(hour) && charged < kind.battery().charged();
    }

    /** A device in a round that it is asked to. */
    Guest guest(int device, int number) {
        SeededRandomSource own = random.fork("device/" + device + "/round/" + number);
        SplittableRandom fate = own.fork("fate").splittable();
        DeviceClass kind = classOf(device);
        Duration arrives = Duration.ofNanos((long) (fate.nextDouble() * window.toNanos()));
        double skew = (2 * fate.nextDouble() - 1) * settings.faults().clockSkewSeconds();
        Optional<Step> vanishes = fate.nextDouble() < settings.behaviour().dropout()
                ? Optional.of(STEPS.get(fate.nextInt(STEPS.size())))
                : Optional.empty();
        double used = kind.battery().perStep() * localSteps;
        if (used > 0 && fate.nextDouble() < used) { // what is left of the battery when it begins is uniform
            vanishes = Optional.of(Step.TRAIN);
        }
        boolean isLate = fate.nextDouble() < settings.behaviour().late();
        Optional<Step> pauses = isLate ? Optional.of(STEPS.get(fate.nextInt(STEPS.size()))) : Optional.empty();
        double pause = fate.nextDouble() * settings.behaviour().lateSeconds();
        return new Guest(
                device,
                kind,
                isMalicious(device, number),
                arrives,
                Duration.ofMillis((long) (skew * 1000)),
                vanishes,
                pauses,
                isLate ? Duration.ofMillis((long) (pause * 1000)) : Duration.ZERO,
                own);
    }

    boolean isMalicious(int device, int number) {
        return settings.attack()
                .filter(attack -> number >= attack.fromRound())
                .filter(attack ->
                        random.fork("device/" + device + "/malice").splittable().nextDouble() < attack.share())
                .isPresent();
    }
}
