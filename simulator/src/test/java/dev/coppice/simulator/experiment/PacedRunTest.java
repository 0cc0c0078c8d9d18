package dev.coppice.simulator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.aggregator.round.GroupSum;
import dev.coppice.aggregator.round.NextCandidate;
import dev.coppice.aggregator.round.NextTerms;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.simulator.experiment.PacedRound.Ended;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.world.SeededRandomSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four steps take a minute on three in four of 24 devices, and eight minutes on the others. */
class PacedRunTest {
    private static final Duration USUAL = Duration.ofMinutes(1);
    private static final Duration SLOW = Duration.ofMinutes(8);
    private static final List<DeviceClass> STRAGGLERS = List.of(of("usual", 3, USUAL), of("slow", 1, SLOW));
    private static final long SEED = 7;

    @TempDir
    private Path folder;

    private static DeviceClass of(String name, double share, Duration fourSteps) {
        DeviceClass plain = DeviceClass.PLAIN;
        return new DeviceClass(
                name,
                share,
                fourSteps.toMillis() / 4.0,
                plain.memoryMiB(),
                plain.network(),
                plain.battery(),
                plain.hours());
    }

    private static ObjectNode task(int rounds, int cohort, double overSelection) throws Exception {
        ObjectNode task = SampleLab.task(Factors.B).put("rounds", rounds).put("overSelection", overSelection);
        ((ObjectNode) task.get("cohort")).put("min", cohort).put("max", cohort);
        task.putObject("phaseSeconds")
                .put("advertise", 3600)
                .put("shares", 60)
                .put("masked", 60)
                .put("unmask", 60);
        return task;
    }

    private static ObjectNode buffered(ObjectNode task, int sums, int openRounds, int stalenessMax) {
        task.putObject("buffer").put("sums", sums).put("openRounds", openRounds).put("stalenessMax", stalenessMax);
        return task;
    }

    private PacedRun run(Lab lab, ObjectNode task) throws Exception {
        return new PacedRun(lab, Definitions.complete(task, lab), STRAGGLERS, SEED, folder.resolve("blobs"));
    }

    private static PacedRun played(PacedRun run) throws Exception {
        while (!run.isOver()) {
            run.next();
        }
        return run;
    }

    private static boolean hasSlow(Ended round) {
        return slow(List.of(round)) > 0;
    }

    private static long slow(List<Ended> rounds) {
        DeviceTimes times = new DeviceTimes(STRAGGLERS, SampleLab.PEOPLE, SeededRandomSource.of(SEED));
        return rounds.stream()
                .flatMap(round -> round.cohort().stream())
                .filter(device -> times.classOf(device).name().equals("slow"))
                .count();
    }

    private static Duration took(Ended round) {
        return round.ended().minus(round.opened());
    }

    @Test
    void aRunIsTheSameForAnyNumberOfWorkersAndHoweverOftenItIsLookedAt() throws Exception {
        ObjectNode task = buffered(task(7, 5, 1), 2, 3, 4);
        ((ObjectNode) task.get("phaseSeconds"))
                .put("advertise", 600); // so that waits are drawn, below the agent's longest
        List<Ended> alone;
        AdapterWeights last;
        try (Lab lab = SampleLab.open(folder, 1)) {
            PacedRun run = played(run(lab, task));
            alone = run.ended();
            last = run.candidate();
        }
        try (Lab lab = SampleLab.open(folder, 2)) {
            PacedRun run = run(lab, task);
            ObjectNode figures = new TimedLooks(run, Duration.ofMinutes(3), line -> {}).play();
            assertThat(run.ended()).isEqualTo(alone);
            assertThat(run.candidate()).isEqualTo(last);
            assertThat(figures.path("rounds")).hasSize(7);
            int looks = figures.path("looks").size();
            assertThat(figures.path("looks").path(looks - 2).path("hours").asDouble())
                    .isCloseTo(0.05 * (looks - 2), within(1e-9));
            assertThat(figures.path("looks").path(looks - 1).path("rounds").asInt())
                    .isEqualTo(7);
        }
    }

    @Test
    void aCohortWaitsForItsSlowestUnlessMoreAreAsked() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            PacedRun patient = played(run(lab, task(3, 12, 1)));
            List<Ended> rounds = patient.ended();
            assertThat(rounds).anyMatch(PacedRunTest::hasSlow).allMatch(Ended::isTaken);
            for (Ended round : rounds) {
                assertThat(took(round)).isGreaterThan(hasSlow(round) ? SLOW : USUAL);
                assertThat(round.cohort()).doesNotHaveDuplicates().hasSize(12);
            }
            for (int i = 1; i < rounds.size(); i++) {
                assertThat(rounds.get(i).opened()).isEqualTo(rounds.get(i - 1).ended());
            }
            assertThat(patient.progress().trainings()).isEqualTo(3 * 12);
            PacedRun asksMore = played(run(lab, task(3, 12, 2)));
            assertThat(slow(asksMore.ended())).isLessThan(slow(rounds));
            assertThat(asksMore.now()).isLessThan(patient.now());
            assertThat(asksMore.progress().inSums()).isEqualTo(3 * 12);
            assertThat(asksMore.progress().trainings()).isGreaterThan(3 * 12);
        }
    }

    @Test
    void roundsOverlapWhileDevicesTrainAndNoDeviceIsInTwo() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            List<Ended> rounds =
                    played(run(lab, buffered(task(8, 5, 1), 2, 3, 4))).ended();
            boolean overlap = false;
            for (Ended one : rounds) {
                for (Ended other : rounds) {
                    boolean meet = one.number() < other.number()
                            && other.opened().plus(USUAL).compareTo(one.ended()) < 0;
                    overlap |= meet;
                }
            }
            assertThat(overlap).isTrue();
            List<Integer> numbers = rounds.stream().map(Ended::number).toList();
            assertThat(numbers)
                    .as("a slow cohort is overtaken")
                    .isNotEqualTo(numbers.stream().sorted().toList());
            assertThat(rounds).anyMatch(round -> round.staleness() > 0);
        }
    }

    /** FedBuff's weight, reckoned here from what each round's devices hand in. */
    @Test
    void aStaleRoundsUpdateIsWeighedByItsStalenessAndTheLastIsNotLost() throws Exception {
        ObjectNode task = buffered(task(6, 5, 1), 1, 3, 4);
        try (Lab lab = SampleLab.open(folder, 2)) {
            PacedRun run = run(lab, task);
            List<AdapterWeights> candidates = new ArrayList<>(List.of(run.candidate()));
            while (!run.isOver()) {
                int before = run.ended().size();
                run.next();
                if (run.ended().size() > before) {
                    candidates.add(run.candidate());
                }
            }
            int stale = 0;
            for (int i = 0; i < run.ended().size(); i++) {
                Ended round = run.ended().get(i);
                assertThat(round.isTaken()).isTrue();
                AdapterWeights start = candidates.get(i - round.staleness());
                float[] mean = mean(lab, task, round, start);
                float[] step = candidates.get(i + 1).minus(candidates.get(i));
                for (int j = 0; j < mean.length; j++) {
                    assertThat((double) step[j]).isCloseTo(mean[j] / Math.sqrt(1 + round.staleness()), within(1e-6));
                }
                stale += round.staleness() > 0 ? 1 : 0;
            }
            assertThat(stale).isPositive();
        }
    }

    /** The mean update of a round's devices, which the server adds as it is. */
    private float[] mean(Lab lab, ObjectNode task, Ended round, AdapterWeights start) throws Exception {
        SeededRandomSource random = SeededRandomSource.of(SEED);
        Posted posted = Posted.of(lab, Definitions.complete(task, lab), random, folder.resolve("blobs"));
        var terms = NextTerms.training(
                posted.task(), round.number(), 0, posted.initial().layout(), Instant.EPOCH);
        List<GroupSum> sums = new CohortWork(lab, posted, Ranks.alike(posted), Optional.empty(), random)
                .sums(terms, start, round.cohort());
        return NextCandidate.of(posted.task(), terms, start, sums).weights().minus(start);
    }

    @Test
    void whatIsTooStaleIsAbandonedAndWhatWaitsInTheEndIsMerged() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            PacedRun strict = played(run(lab, buffered(task(8, 5, 1), 1, 3, 0)));
            assertThat(strict.ended()).anyMatch(round -> round.reason() == AbortReason.TOO_STALE);
            assertThat(strict.ended()).allMatch(round -> round.isTaken() == (round.staleness() == 0));
            PacedRun rest = played(run(lab, buffered(task(3, 5, 1), 2, 2, 4)));
            assertThat(rest.progress().merges()).isEqualTo(2);
            assertThat(rest.progress().inSums()).isEqualTo(15);
        }
    }

    @Test
    void whatCannotBePlayedIsRefusedWithTheReason() throws Exception {
        try (Lab lab = SampleLab.open(folder, 1)) {
            ObjectNode late = task(1, 20, 1);
            ((ObjectNode) late.get("phaseSeconds")).put("advertise", 120);
            assertThatThrownBy(() -> run(lab, late)).hasMessageContaining("train within phaseSeconds.advertise");
            ObjectNode scheduled = task(1, 5, 1);
            scheduled.putObject("schedule").put("roundsPerDay", 4);
            assertThatThrownBy(() -> run(lab, scheduled))
                    .isInstanceOf(ExperimentRefusedException.class)
                    .hasMessageContaining("schedule");
            ObjectNode fedsa = task(1, 5, 1).put("mergeRule", "fedsa");
            fedsa.set("kitSpec", SampleLab.task(Factors.BOTH).get("kitSpec"));
            assertThatThrownBy(() -> run(lab, fedsa)).hasMessageContaining("fedsa");
            Definitions.Complete overlapping = Definitions.complete(buffered(task(2, 5, 1), 1, 2, 1), lab);
            assertThatThrownBy(() -> new TaskRun(lab, overlapping, SEED, Cast.HONEST, folder.resolve("blobs")))
                    .hasMessageContaining("leave buffer out, or say --classes");
        }
    }
}
