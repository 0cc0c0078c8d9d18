package dev.coppice.aggregator.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.aggregator.guard.PackFigures;
import dev.coppice.aggregator.release.Rollout.GuardFigures;
import dev.coppice.aggregator.release.Rollout.GuardLimits;
import dev.coppice.aggregator.store.RepositoryStore;
import dev.coppice.aggregator.store.RepositoryStore.StoredRollouts;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RolloutPolicy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Moves packs out to devices, step by step, and back. What it decides becomes a policy of the role {@code rollout}. Safe for
 * any number of threads and processes: each change compares with what it read.
 */
public final class RolloutDesk {
    private static final int ATTEMPTS_MAX = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RepositoryStore store;
    private final RepositoryDesk repository;
    private final InstantSource clock;

    public RolloutDesk(RepositoryStore store, RepositoryDesk repository, InstantSource clock) {
        this.store = store;
        this.repository = repository;
        this.clock = clock;
    }

    /** The rollouts of a skill, one for each class of devices. */
    public List<Rollout> rollouts(String skill) {
        return store.findRollouts(skill).map(RolloutDesk::read).orElse(List.of());
    }

    /**
     * Begins to roll a pack out, in place of the rollout before of the same class of devices.
     *
     * @throws RepositoryRefusedException if release keys do not vouch for one of its versions
     */
    public void begin(String skill, Rollout rollout) throws RepositoryRefusedException, IOException {
        List<Long> released =
                repository.released(skill).stream().map(ReleasedPack::version).toList();
        boolean known = released.contains(rollout.version())
                && (rollout.otherwise() == 0 || released.contains(rollout.otherwise()));
        if (!known) {
            throw new RepositoryRefusedException("Released are the versions " + released);
        }
        change(
                skill,
                rollouts -> Stream.concat(
                                rollouts.stream()
                                        .filter(other -> !other.deviceClass().equals(rollout.deviceClass())),
                                Stream.of(rollout))
                        .toList());
    }

    /** Sends devices of a class back. */
    public void halt(String skill, String deviceClass, String because) throws RepositoryRefusedException, IOException {
        require(skill, deviceClass);
        change(skill, of(deviceClass, rollout -> rollout.halted(because)));
    }

    /** Looks at what became of a pack on the devices of a class, and sends them back if it is beyond the limits. */
    public void guard(String skill, String deviceClass, GuardFigures figures)
            throws RepositoryRefusedException, IOException {
        require(skill, deviceClass);
        change(skill, of(deviceClass, rollout -> rollout.guarded(figures)));
    }

    /**
     * The same for what a round of metrics told, in all classes to which that version is on its way. A class whose devices
     * were too few for figures of their own is judged by those that they were added to.
     */
    public void guard(PackFigures told) throws IOException {
        change(
                told.skill(),
                rollouts -> rollouts.stream()
                        .map(rollout -> rollout.version() == told.packVersion()
                                ? told.find(rollout.deviceClass())
                                        .map(cell -> rollout.guarded(figures(told, cell)))
                                        .orElse(rollout)
                                : rollout)
                        .toList());
    }

    /** Where too few devices judged, accuracy has no say. */
    private static GuardFigures figures(PackFigures told, PackFigures.Cell cell) {
        return new GuardFigures(
                cell.tried(),
                cell.wentBack(),
                cell.crashed(),
                0,
                told.accuracyGain(cell).orElse(0));
    }

    /** Takes the steps that are due, and publishes what could not be published before. To be called every now and then. */
    public void tick() throws IOException {
        Instant now = clock.instant();
        for (String skill : store.rolloutSkills()) {
            change(
                    skill,
                    rollouts -> rollouts.stream()
                            .map(rollout -> rollout.advanced(now))
                            .toList());
            Optional<StoredRollouts> stored = store.findRollouts(skill);
            if (stored.isPresent()
                    && repository.publishedSequence(skill) < stored.get().sequence()) {
                publish(skill, stored.get());
            }
        }
    }

    private void change(String skill, UnaryOperator<List<Rollout>> change) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Optional<StoredRollouts> seen = store.findRollouts(skill);
            List<Rollout> before = seen.map(RolloutDesk::read).orElse(List.of());
            List<Rollout> after = change.apply(before);
            if (after.equals(before)) {
                return;
            }
            long sequence = seen.map(StoredRollouts::sequence).orElse(0L);
            StoredRollouts next = new StoredRollouts(sequence + 1, write(after));
            if (store.replaceRollouts(skill, sequence, next)) {
                publish(skill, next);
                return;
            }
        }
        throw new IOException("Others changed the rollouts without end");
    }

    private void publish(String skill, StoredRollouts rollouts) throws IOException {
        repository.putPolicy(new RolloutPolicy(
                skill,
                rollouts.sequence(),
                read(rollouts).stream().map(Rollout::lane).toList()));
    }

    private void require(String skill, String deviceClass) throws RepositoryRefusedException {
        if (rollouts(skill).stream().noneMatch(rollout -> rollout.deviceClass().equals(deviceClass))) {
            throw new RepositoryRefusedException("Nothing is rolled out to this class of devices");
        }
    }

    private static UnaryOperator<List<Rollout>> of(String deviceClass, UnaryOperator<Rollout> change) {
        return rollouts -> rollouts.stream()
                .map(rollout -> rollout.deviceClass().equals(deviceClass) ? change.apply(rollout) : rollout)
                .toList();
    }

    /** As it is stored. */
    private record Row(
            String deviceClass,
            long version,
            long otherwise,
            List<Integer> stepsPermille,
            long soakSeconds,
            GuardLimits limits,
            int step,
            long sinceEpochSeconds,
            String haltedBecause) {
        static Row of(Rollout rollout) {
            return new Row(
                    rollout.deviceClass(),
                    rollout.version(),
                    rollout.otherwise(),
                    rollout.stepsPermille(),
                    rollout.soak().toSeconds(),
                    rollout.limits(),
                    rollout.step(),
                    rollout.since().getEpochSecond(),
                    rollout.haltedBecause());
        }

        Rollout rollout() {
            return new Rollout(
                    deviceClass,
                    version,
                    otherwise,
                    stepsPermille,
                    Duration.ofSeconds(soakSeconds),
                    limits,
                    step,
                    Instant.ofEpochSecond(sinceEpochSeconds),
                    haltedBecause);
        }
    }

    private static String write(List<Rollout> rollouts) {
        try {
            return JSON.writeValueAsString(rollouts.stream().map(Row::of).toList());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Plain values are always JSON", e);
        }
    }

    private static List<Rollout> read(StoredRollouts stored) {
        try {
            List<Rollout> rollouts = new ArrayList<>();
            for (Row row : JSON.readValue(stored.json(), Row[].class)) {
                rollouts.add(row.rollout());
            }
            return List.copyOf(rollouts);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Stored rollouts do not parse", e);
        }
    }
}
