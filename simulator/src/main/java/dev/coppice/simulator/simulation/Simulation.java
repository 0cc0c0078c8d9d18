package dev.coppice.simulator.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.Folders;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.crypto.Sha256;
import dev.coppice.simulator.Progress;
import dev.coppice.simulator.crew.KafkaCrew;
import dev.coppice.simulator.fleet.Checkpoint;
import dev.coppice.simulator.fleet.FleetMaterial;
import dev.coppice.simulator.fleet.FleetObserver;
import dev.coppice.simulator.fleet.FleetResult;
import dev.coppice.simulator.fleet.FleetRun;
import dev.coppice.simulator.fleet.FleetSettings;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.fleet.RoundRecord;
import dev.coppice.simulator.report.FleetReport;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;

/** A scenario, played for each of its seeds one after the other, into a folder. */
public final class Simulation {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Scenario scenario;
    private final Path out;
    private final Settings settings;
    private final Progress progress;
    private final InstantSource clock;

    /**
     * How a scenario is played.
     *
     * @param privacy in place of the scenario's
     * @param seed the first
     * @param seeds how many
     * @param workers threads that train
     * @param resume whether to go on where an earlier run into the same folder ended
     * @param kafka a cluster through which other processes ({@link Helping}) play the devices
     */
    public record Settings(
            Privacy privacy, long seed, int seeds, int workers, boolean resume, Optional<Properties> kafka) {
        public Settings {
            if (seeds < 1 || workers < 1) {
                throw new IllegalArgumentException("there is at least one seed and one worker");
            }
            if (kafka.isPresent() && seeds > 1) {
                throw new IllegalArgumentException("a run that is shared through Kafka has one seed");
            }
        }

        /** Of a simulation in this process alone. */
        public Settings(Privacy privacy, long seed, int seeds, int workers, boolean resume) {
            this(privacy, seed, seeds, workers, resume, Optional.empty());
        }
    }

    /**
     * A simulation.
     *
     * @param out folder for all that the run leaves behind; made if absent
     * @param clock real time, for what is told of the speed alone
     */
    public Simulation(Scenario scenario, Path out, Settings settings, Progress progress, InstantSource clock) {
        this.clock = clock;
        this.scenario = scenario;
        this.out = out;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Plays.
     *
     * @throws ScenarioRefusedException if the data cannot be used
     * @throws IllegalArgumentException naming what does not go together
     */
    public List<SeedResult> run() throws IOException, InterruptedException, ScenarioRefusedException {
        prepare();
        MetricsFile metrics = new MetricsFile(out.resolve("metrics.jsonl"));
        List<SeedResult> results = new ArrayList<>();
        for (int i = 0; i < settings.seeds(); i++) {
            long seed = settings.seed() + i;
            progress.phase("seed " + seed + ", privacy " + settings.privacy().label() + warning());
            results.add(new SeedResult(seed, play(seed, i, metrics)));
        }
        CsvFiles.write(out, results);
        Files.writeString(out.resolve("report.html"), FleetReport.write(title(), told(results)));
        return List.copyOf(results);
    }

    /** What nobody may overlook. */
    private String warning() {
        return switch (settings.privacy()) {
            case SECAGG_DDG -> "";
            case TRUST_SUM -> " (NOT SECURE: sums in the clear)";
            case OFF -> " (NOT PRIVATE: no masks, no noise)";
        };
    }

    private String title() {
        return scenario.name();
    }

    private List<FleetReport.Run> told(List<SeedResult> results) {
        return results.stream()
                .map(one -> new FleetReport.Run(one.seed(), one.result()))
                .toList();
    }

    private void prepare() throws IOException, ScenarioRefusedException {
        RunFolder.prepare(out);
        if (!settings.resume()) {
            Folders.delete(out.resolve("checkpoints"));
            Folders.delete(out.resolve("blobs"));
        }
        Files.createDirectories(out.resolve("checkpoints"));
        Files.writeString(out.resolve("scenario.json"), RunFolder.pretty(scenario.content()));
    }

    private FleetResult play(long seed, int place, MetricsFile metrics)
            throws IOException, InterruptedException, ScenarioRefusedException {
        FleetSettings played = scenario.settings(seed).withPrivacy(settings.privacy());
        try (FleetMaterial material = scenario.material(seed, settings.workers(), out.resolve("kits"))) {
            ObjectNode task = material.definition(played);
            Files.writeString(out.resolve("task.json"), RunFolder.pretty(task));
            Checkpoint checkpoint = Checkpoint.in(
                    out.resolve("checkpoints").resolve("seed-" + seed + ".bin"),
                    name(scenario, settings.privacy(), seed, task));
            List<RoundRecord> done = checkpoint.rounds(material.data().devices());
            for (RoundRecord round : done) {
                metrics.add(seed, round);
            }
            if (!done.isEmpty()) {
                progress.note("going on after round " + done.size());
            }
            int rounds = played.task().path("rounds").asInt();
            FleetRun run = new FleetRun(
                    played, material, out.resolve("blobs"), new Told(seed, place, rounds, done.size(), metrics));
            FleetResult result = run(run, checkpoint, name(scenario, settings.privacy(), seed, task));
            Files.write(out.resolve("adapter-seed-" + seed + ".safetensors"), Safetensors.write(result.adapter()));
            return result;
        }
    }

    private FleetResult run(FleetRun run, Checkpoint checkpoint, String name) throws IOException, InterruptedException {
        if (settings.kafka().isEmpty()) {
            return run.run(checkpoint);
        }
        try (KafkaCrew crew = new KafkaCrew(settings.kafka().get(), name, PATIENCE)) {
            return run.run(checkpoint, crew);
        }
    }

    /** Of one run: no other has it. */
    static String name(Scenario scenario, Privacy privacy, long seed, ObjectNode task) {
        return Sha256.hex(
                (scenario.content() + "/" + privacy + "/" + seed + "/" + task).getBytes(StandardCharsets.UTF_8));
    }

    /** Tells of rounds and devices. */
    private final class Told implements FleetObserver {
        private final long seed;
        private final int place;
        private final int rounds;
        private final MetricsFile metrics;
        private final AtomicLong done = new AtomicLong();
        private volatile int number;
        private volatile int devices;
        private final Instant began = clock.instant();
        private final double first;
        private long played;

        Told(long seed, int place, int rounds, int done, MetricsFile metrics) {
            this.seed = seed;
            this.place = place;
            this.rounds = rounds;
            this.metrics = metrics;
            first = overall(done);
        }

        @Override
        public void roundBegan(int round, int asked) {
            number = round;
            devices = asked;
            done.set(0);
        }

        @Override
        public void deviceDone() {
            long now = done.incrementAndGet();
            progress.advance("round " + number + "/" + rounds + ":", now, devices, "devices");
            progress.overall(overall(number - 1 + (double) now / Math.max(1, devices)));
        }

        @Override
        public void roundEnded(RoundRecord round) {
            try {
                metrics.add(seed, round);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            progress.overall(overall(round.number()));
            progress.note(RoundLine.of(round, rounds) + speed(round));
        }

        /** Also where there is no live line. */
        private String speed(RoundRecord round) {
            double seconds = Duration.between(began, clock.instant()).toMillis() / 1e3;
            double done = overall(round.number()) - first;
            double left = seconds * (1 - overall(round.number())) / Math.max(1e-9, done);
            played += round.asked();
            return String.format(
                    Locale.ROOT,
                    "; %.0f devices/s%s",
                    played / Math.max(1e-3, seconds),
                    overall(round.number()) >= 1
                            ? ""
                            : String.format(Locale.ROOT, ", about %d:%02d left", (long) left / 60, (long) left % 60));
        }

        private double overall(double roundsDone) {
            return (place + roundsDone / rounds) / settings.seeds();
        }
    }
}
