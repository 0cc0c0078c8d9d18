package dev.coppice.simulator;

import dev.coppice.agent.Participation;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import dev.coppice.simulator.operator.TaskStatus;
import dev.coppice.simulator.report.RunReport.RoundFigures;
import dev.coppice.simulator.world.DropoutPlan;
import dev.coppice.simulator.world.DropoutPlan.Step;
import dev.coppice.simulator.world.Fate;
import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.RoundBoard;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * Leads the fleet through a round: starts all devices, and as operator closes a phase as soon as every device has
 * answered or is gone. That stands for the phase's deadline, so that a run does not depend on timing.
 */
final class RoundLeader {
    private static final Duration LOOK_EVERY = Duration.ofMillis(25);
    private static final Duration TELL_EVERY = Duration.ofMillis(250);
    private static final Duration PHASE_MAX = Duration.ofMinutes(30);
    private static final Duration END_MAX = Duration.ofMinutes(2);

    private final AdminClient admin;
    private final AggregatorProcess aggregator;
    private final String taskId;
    private final Fleet fleet;
    private final RoundBoard board;
    private final DropoutPlan plan;
    private final InstantSource clock;
    private final Progress progress;

    /** What led to it: the service, the fleet and its faults. */
    record Scene(AggregatorProcess aggregator, Fleet fleet, RoundBoard board, DropoutPlan plan) {}

    RoundLeader(AdminClient admin, String taskId, Scene scene, InstantSource clock, Progress progress) {
        this.admin = admin;
        this.taskId = taskId;
        this.aggregator = scene.aggregator();
        this.fleet = scene.fleet();
        this.board = scene.board();
        this.plan = scene.plan();
        this.clock = clock;
        this.progress = progress;
    }

    /** What a round came to, and what each device says of it. */
    record Led(TaskStatus.Round round, RoundFigures figures, List<Participation> participations) {}

    /**
     * The next round, from the check-in of the first device to its result or its end without one; empty when the task
     * is done.
     */
    Optional<Led> next(int number) throws IOException, InterruptedException {
        Optional<TaskStatus.Round> open = awaitOpening(number);
        if (open.isEmpty()) {
            return Optional.empty();
        }
        Instant began = clock.instant();
        board.clear();
        List<Future<Participation>> started = fleet.start(
                device -> device.takePart(number, Fate.vanishing(plan.find(device.index(), number))),
                device -> board.ended(device.index()));
        for (Step step : Step.values()) {
            awaitDevices(step);
            closeIfOpen(number, step);
        }
        List<Participation> participations = Fleet.all(started);
        TaskStatus.Round over = awaitEnd(number);
        double seconds = Duration.between(began, clock.instant()).toMillis() / 1000.0;
        RoundFigures figures = new RoundFigures(
                number,
                over.completed() ? "completed" : "aborted: " + over.reason(),
                fleet.size() - vanished(number).getFirst(),
                over.completed() ? over.masked() : 0,
                vanished(number),
                epsilonSpent(),
                seconds);
        return Optional.of(new Led(over, figures, participations));
    }

    private Optional<TaskStatus.Round> awaitOpening(int number) throws IOException, InterruptedException {
        Instant limit = clock.instant().plus(END_MAX);
        while (clock.instant().isBefore(limit)) {
            TaskStatus status = status();
            Optional<TaskStatus.Round> open =
                    status.findLast().filter(round -> round.number() == number && !round.over());
            if (open.isPresent() || status.done()) {
                return status.done() ? Optional.empty() : open;
            }
            Thread.sleep(LOOK_EVERY);
        }
        throw new IOException("round " + number + " did not open within " + END_MAX.toSeconds() + " s");
    }

    /** Waits for the devices and tells how far they are. */
    private void awaitDevices(Step step) throws IOException, InterruptedException {
        Instant limit = clock.instant().plus(PHASE_MAX);
        String what = switch (step) {
            case ADVERTISE -> "trained";
            case SHARES -> "shared";
            case MASKED -> "uploaded";
            case ATTEST -> "attested";
            case UNMASK -> "unmasked";
        };
        while (!board.await(step, TELL_EVERY)) {
            progress.advance(what, board.answers(step), fleet.size(), "devices");
            aggregator.mustBeAlive();
            if (clock.instant().isAfter(limit)) {
                throw new IOException("the devices did not get through a phase in " + PHASE_MAX.toMinutes() + " min");
            }
        }
        progress.advance(what, board.answers(step), fleet.size(), "devices");
    }

    /** The aggregator goes on by itself when nobody is missing; to close then could hit the next phase. */
    private void closeIfOpen(int number, Step step) throws IOException, InterruptedException {
        Optional<TaskStatus.Round> present = status().rounds().stream()
                .filter(round -> round.number() == number)
                .findFirst();
        if (present.isPresent() && present.get().takes(step) && !present.get().isFull(step, fleet.size())) {
            admin.closePhase(present.get().id());
        }
    }

    private TaskStatus.Round awaitEnd(int number) throws IOException, InterruptedException {
        Instant limit = clock.instant().plus(END_MAX);
        while (clock.instant().isBefore(limit)) {
            for (TaskStatus.Round round : status().rounds()) {
                if (round.number() == number && round.over()) {
                    return round;
                }
            }
            Thread.sleep(LOOK_EVERY);
        }
        throw new IOException("round " + number + " did not end within " + END_MAX.toSeconds() + " s");
    }

    private List<Integer> vanished(int number) {
        List<Integer> counts = new ArrayList<>();
        for (Step step : Step.values()) {
            counts.add((int) fleet.devices().stream()
                    .filter(device -> plan.find(device.index(), number)
                            .filter(before -> before == step)
                            .isPresent())
                    .count());
        }
        return List.copyOf(counts);
    }

    private double epsilonSpent() throws InterruptedException {
        double most = 0;
        for (var device : fleet.devices()) {
            most = Math.max(most, device.epsilonSpent());
        }
        return most;
    }

    private TaskStatus status() throws IOException, InterruptedException {
        aggregator.mustBeAlive();
        return admin.status(taskId);
    }
}
