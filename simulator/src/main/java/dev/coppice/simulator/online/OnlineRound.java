package dev.coppice.simulator.online;

import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.agent.Participation;
import dev.coppice.simulator.Progress;
import dev.coppice.simulator.fleet.Guest;
import dev.coppice.simulator.online.Lookout.LostException;
import dev.coppice.simulator.online.OnlineReport.Steps;
import dev.coppice.simulator.online.Told.Outcome;
import dev.coppice.simulator.operator.TaskStatus;
import dev.coppice.simulator.world.DropoutPlan.Step;
import dev.coppice.simulator.world.Fate;
import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.RoundBoard;
import dev.coppice.simulator.world.VirtualDevice;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** One round of an aggregator, which devices of the fleet come to and take part in. Nobody closes its phases but time. */
final class OnlineRound {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    /** After the round: the longest that a device may need to hear of it. */
    private static final Duration HEAR_MAX = Duration.ofSeconds(90);

    private final int number;
    private final Map<Integer, Guest> guests;
    private final Duration arrival;
    private final Scene scene;
    private final CountDownLatch joined = new CountDownLatch(1);

    /**
     * What a round is played with.
     *
     * @param longest that a round takes when every phase takes as long as it may
     */
    record Scene(
            Lookout lookout, Fleet fleet, RoundBoard board, Duration longest, InstantSource clock, Progress progress) {}

    /** @param guests who is asked to it, by device */
    OnlineRound(int number, Map<Integer, Guest> guests, Duration arrival, Scene scene) {
        this.number = number;
        this.guests = guests;
        this.arrival = arrival;
        this.scene = scene;
    }

    /**
     * What was seen of it.
     *
     * @param last as the aggregator had it when it was looked at last; empty if it never opened
     * @param lost why it was given up; empty if it came to its end
     * @param cohort devices that the aggregator took in
     */
    record Seen(
            int number,
            Optional<TaskStatus.Round> last,
            String lost,
            double seconds,
            List<Steps> steps,
            List<Told> told,
            Map<Integer, Guest> guests,
            Set<Integer> cohort) {}

    /** Plays it to its end, however that comes. */
    Seen play(TaskStatus.Round open) throws InterruptedException {
        Instant began = scene.clock().instant();
        scene.board().clear();
        scene.fleet().devices().forEach(device -> device.network().startRound(Fate.STEADY));
        List<Future<Told>> started =
                scene.fleet().start(this::takePart, device -> scene.board().ended(device.index()));
        Optional<TaskStatus.Round> last = Optional.of(open);
        String lost = "";
        try {
            last = Optional.of(follow(open, began));
        } catch (LostException e) {
            lost = String.valueOf(e.getMessage());
        }
        double seconds = Lookout.seconds(began, scene.clock().instant());
        joined.countDown();
        List<Told> told = told(started, lost.isEmpty() ? HEAR_MAX : Duration.ZERO);
        return new Seen(number, last, lost, seconds, steps(last), told, guests, cohort());
    }

    private TaskStatus.Round follow(TaskStatus.Round open, Instant began) throws LostException, InterruptedException {
        TaskStatus.Round round = open;
        Instant limit = began.plus(scene.longest());
        while (!round.over()) {
            if (!round.takes(Step.ADVERTISE)) {
                joined.countDown();
            }
            tell(round);
            if (scene.clock().instant().isAfter(limit)) {
                throw new LostException("round " + number + " is still " + round.phase() + " after "
                        + scene.longest().toSeconds() + " s, which is longer than all its phases may take");
            }
            Thread.sleep(LOOK_EVERY);
            round = find(scene.lookout().look(), number)
                    .orElseThrow(() -> new LostException("the aggregator does not know round " + number + " any more"));
        }
        return round;
    }

    static Optional<TaskStatus.Round> find(TaskStatus status, int number) {
        return status.rounds().stream()
                .filter(round -> round.number() == number)
                .findFirst();
    }

    private void tell(TaskStatus.Round round) {
        Step step = switch (round.phase()) {
            case "sharing" -> Step.SHARES;
            case "masking", "collecting" -> Step.MASKED;
            case "attesting" -> Step.ATTEST;
            case "unmasking" -> Step.UNMASK;
            default -> Step.ADVERTISE;
        };
        scene.progress()
                .advance(
                        "round " + number + ", " + step.path() + ":",
                        scene.board().answers(step),
                        guests.size(),
                        "devices");
    }

    private Told takePart(VirtualDevice device) throws IOException, InterruptedException, KitRefusedException {
        Guest guest = guests.get(device.index());
        if (guest == null) {
            return Told.of(device.index(), Fate.STEADY, Outcome.NOT_NEEDED, "");
        }
        Fate fate = OnlineRun.fate(guest);
        double part = guest.random().fork("arrival").splittable().nextDouble();
        Duration until = Duration.ofNanos((long) (arrival.toNanos() * part));
        while (!joined.await(until.toNanos(), TimeUnit.NANOSECONDS)) {
            Participation said = device.takePart(number, fate);
            if (!(said instanceof Participation.NothingToDo no)) {
                return Told.of(device.index(), fate, said, device.vanished());
            }
            until = no.comeBack();
        }
        return Told.of(device.index(), fate, Outcome.NOT_NEEDED, "");
    }

    /** Of those who were asked; who does not hear of the end in time is told nothing. */
    private List<Told> told(List<Future<Told>> started, Duration limit) throws InterruptedException {
        Instant end = scene.clock().instant().plus(limit);
        List<Told> told = new ArrayList<>();
        for (int device = 0; device < started.size(); device++) {
            Future<Told> one = started.get(device);
            Told said;
            try {
                long left = Duration.between(scene.clock().instant(), end).toMillis();
                said = one.get(Math.max(0, left), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                one.cancel(true);
                said = Told.of(device, Fate.STEADY, Outcome.BROKEN_OFF, "it never heard of the end of the round");
            } catch (ExecutionException e) {
                said = Told.of(device, Fate.STEADY, Outcome.BROKEN_OFF, String.valueOf(e.getCause()));
            }
            if (guests.containsKey(device)) {
                told.add(said);
            }
        }
        return List.copyOf(told);
    }

    private Set<Integer> cohort() {
        return guests.keySet().stream()
                .filter(device ->
                        scene.fleet().devices().get(device).network().answered().contains(Step.ADVERTISE))
                .collect(Collectors.toUnmodifiableSet());
    }

    private List<Steps> steps(Optional<TaskStatus.Round> last) {
        List<Steps> steps = new ArrayList<>();
        for (Step step : Step.values()) {
            int sent = 0;
            int answered = 0;
            for (int device : guests.keySet()) {
                var network = scene.fleet().devices().get(device).network();
                sent += network.sent().contains(step) ? 1 : 0;
                answered += network.answered().contains(step) ? 1 : 0;
            }
            steps.add(new Steps(
                    step.path(),
                    sent,
                    answered,
                    last.map(round -> counted(round, step)).orElse(0)));
        }
        return List.copyOf(steps);
    }

    private static int counted(TaskStatus.Round round, Step step) {
        return switch (step) {
            case ADVERTISE -> round.advertised();
            case SHARES -> round.shared();
            case MASKED -> round.masked();
            case ATTEST -> round.attested();
            case UNMASK -> round.unmasked();
        };
    }
}
