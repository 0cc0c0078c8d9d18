package dev.coppice.simulator.online;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.Folders;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.simulator.Progress;
import dev.coppice.simulator.fleet.FleetMaterial;
import dev.coppice.simulator.fleet.FleetSettings;
import dev.coppice.simulator.fleet.Guest;
import dev.coppice.simulator.fleet.Guests;
import dev.coppice.simulator.online.Lookout.LostException;
import dev.coppice.simulator.online.OnlineReport.Check;
import dev.coppice.simulator.online.OnlineReport.Round;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AdminRefusedException;
import dev.coppice.simulator.operator.TaskStatus;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import dev.coppice.simulator.simulation.RunFolder;
import dev.coppice.simulator.world.DeviceNetwork;
import dev.coppice.simulator.world.DropoutPlan;
import dev.coppice.simulator.world.Fate;
import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.RoundBoard;
import dev.coppice.simulator.world.SeededRandomSource;
import dev.coppice.simulator.world.SwitchedRandom;
import dev.coppice.simulator.world.VirtualDevice;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A scenario's fleet against an aggregator that runs elsewhere, once: every round of one task, in real time. */
public final class OnlineRun {
    /** Each has a home on disk and, in a round, a connection. */
    public static final int DEVICES_MAX = 5_000;

    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final Duration OPENING_MAX = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final int NAME_BYTES = 4;
    private static final String REPORT = "acceptance.json";

    private final Scenario scenario;
    private final OnlineSettings settings;
    private final URI server;
    private final AdminClient admin;
    private final Transport network;
    private final InstantSource clock;
    private final Progress progress;
    private final Meter meter = new Meter();

    /**
     * A run.
     *
     * @param server where the aggregator is, for what is told
     * @param admin its admin API
     * @param network the devices' way to it; stays the caller's
     */
    public OnlineRun(
            Scenario scenario,
            OnlineSettings settings,
            URI server,
            AdminClient admin,
            Transport network,
            InstantSource clock,
            Progress progress) {
        this.scenario = scenario;
        this.settings = settings;
        this.server = server;
        this.admin = admin;
        this.network = network;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Plays, and writes {@code acceptance.json}.
     *
     * @throws ScenarioRefusedException if the scenario cannot be played so, or the aggregator refuses its task
     * @throws IOException if the aggregator cannot be reached to begin with, or refuses the operator's token
     */
    public OnlineReport run() throws IOException, InterruptedException, ScenarioRefusedException {
        scenario.requireRealTime();
        FleetSettings played = scenario.settings(settings.seed());
        RunFolder.prepare(settings.out());
        progress.phase("asking " + server + " for its keys");
        TrustAnchors trust = trust();
        try (FleetMaterial material = scenario.material(
                settings.seed(), settings.workers(), settings.out().resolve("kits"))) {
            if (material.data().devices() > DEVICES_MAX) {
                throw new ScenarioRefusedException("data.devices is "
                        + material.data().devices() + ": over HTTP there are at most " + DEVICES_MAX);
            }
            try (PostedTask task = task(played, material)) {
                OnlineReport report = run(played, material, trust, task);
                Files.writeString(settings.out().resolve(REPORT), RunFolder.pretty(report));
                return report;
            }
        } catch (AdminRefusedException e) {
            if (e.status() == 401 || e.status() == 403) {
                throw new IllegalArgumentException("the operator's token is not good for this: " + e.getMessage(), e);
            }
            throw e;
        } finally {
            Folders.delete(homes());
        }
    }

    private Path homes() {
        return settings.out().resolve("devices");
    }

    /** By the aggregator's own word: this asks what it does, not who it is. Packs are none of it. */
    private TrustAnchors trust() throws IOException, InterruptedException {
        try {
            AdminClient.PublicKeys keys = admin.keys();
            return new TrustAnchors(
                    VerifyingKey.of(keys.server()),
                    VerifyingKey.of(keys.enrolment()),
                    TrustAnchors.nobody(RandomSource.secure()).repository());
        } catch (IOException e) {
            throw new IOException("no aggregator answers at " + server + ": " + told(e), e);
        } catch (InvalidKeyException | IllegalArgumentException e) {
            throw new IOException(server + " shows keys that are none: is it an aggregator?", e);
        }
    }

    static String told(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Of this run alone: its devices are offered no other task's rounds, and no other devices this one's. */
    private static String population() {
        return "fleet-" + HexFormat.of().formatHex(RandomSource.secure().bytes(NAME_BYTES));
    }

    @MustBeClosed
    private PostedTask task(FleetSettings played, FleetMaterial material)
            throws IOException, InterruptedException, ScenarioRefusedException {
        if (settings.taskId().isPresent()) {
            return PostedTask.joined(admin, settings.taskId().get());
        }
        ObjectNode definition = material.definition(played).put("population", population());
        Files.writeString(settings.out().resolve("task.json"), RunFolder.pretty(definition));
        return PostedTask.post(admin, definition, material);
    }

    private OnlineReport run(FleetSettings played, FleetMaterial material, TrustAnchors trust, PostedTask task)
            throws IOException, InterruptedException, ScenarioRefusedException {
        MeteredTransport metered = new MeteredTransport(network, meter);
        int devices = material.data().devices();
        RoundBoard board = new RoundBoard(devices);
        Folders.delete(homes());
        Membership member = new Membership(trust, task.population(), task.skill());
        try (Fleet fleet = fleet(played, material, member, metered, board)) {
            progress.phase("enrolling " + devices + " devices in " + task.population());
            enrol(fleet, task.population());
            long before = count();
            Instant began = clock.instant();
            Lookout lookout = new Lookout(admin, task.id(), settings.patience(), clock, progress);
            Rounds rounds = rounds(played, material, fleet, board, lookout);
            double seconds = Lookout.seconds(began, clock.instant());
            long sent = count() - before;
            if (!settings.keepsDevices() && rounds.givenUp().isEmpty()) {
                forget(metered.enrolled(), task.population());
            }
            List<Check> checks =
                    new Verdict(rounds.wanted(), settings.taskId().isEmpty()).checks(rounds.played(), rounds.givenUp());
            return new OnlineReport(
                    scenario.name(),
                    server.toString(),
                    task.id(),
                    task.population(),
                    devices,
                    seconds,
                    meter.requests(),
                    sent / Math.max(seconds, 1e-3),
                    meter.busiestSecond(),
                    meter.errors(),
                    lookout.outages(),
                    rounds.played(),
                    checks,
                    checks.stream().allMatch(Check::passed));
        } catch (KitRefusedException e) {
            throw new IOException("a device cannot use the training kit: " + e.getMessage(), e);
        }
    }

    /** What all devices of the fleet have alike. */
    private record Membership(TrustAnchors trust, String population, String skill) {}

    private long count() {
        return meter.requests().stream()
                .mapToLong(OnlineReport.Requests::answered)
                .sum();
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // each device is closed with the fleet
    private Fleet fleet(
            FleetSettings played, FleetMaterial material, Membership member, Transport transport, RoundBoard board)
            throws IOException, KitRefusedException {
        return Fleet.open(material.data().devices(), index -> {
            SwitchedRandom random = new SwitchedRandom(OptionalLong.empty(), "device/" + index);
            DeviceNetwork own = new DeviceNetwork(transport, index, board);
            AgentConfig config = AgentConfig.builder(homes().resolve("device-%05d".formatted(index)))
                    .baseModel(material.model())
                    .kitSpec(material.kit().spec())
                    .kits(material.kits())
                    .engines(material.engines())
                    .trust(member.trust())
                    .population(member.population())
                    .skill(member.skill())
                    .random(random)
                    .clock(clock)
                    .transport(own)
                    .budget(played.budget())
                    .policy(WorkPolicy.ANY_TIME)
                    .build();
            Person person = new Person(
                    "device-" + index,
                    material.data().training(index, 1),
                    List.of(),
                    material.data().heldOut(index));
            return new VirtualDevice(index, person, random, own, config);
        });
    }

    private void enrol(Fleet fleet, String population) throws IOException, InterruptedException {
        List<byte[]> tokens = admin.enrolmentTokens(fleet.size(), population);
        AtomicInteger done = new AtomicInteger();
        fleet.each(
                device -> {
                    device.enrol(tokens.get(device.index()));
                    device.learnTexts();
                    return device;
                },
                device -> progress.advance("enrolled", done.incrementAndGet(), fleet.size(), "devices"));
    }

    /**
     * How far it came.
     *
     * @param wanted rounds that were to be played
     * @param givenUp why not all were; empty if they were
     */
    private record Rounds(List<Round> played, int wanted, String givenUp) {}

    private Rounds rounds(FleetSettings played, FleetMaterial material, Fleet fleet, RoundBoard board, Lookout lookout)
            throws IOException, InterruptedException {
        Guests guests = new Guests(played, SeededRandomSource.of(settings.seed()), fleet.size());
        OnlineRound.Scene scene = new OnlineRound.Scene(lookout, fleet, board, longest(played), clock, progress);
        CandidateCheck check = new CandidateCheck(admin, material.kit().layout());
        List<Round> rounds = new ArrayList<>();
        int first = 1;
        int last = played.task().path("rounds").asInt();
        try {
            first = first(lookout.look());
            for (int number = first; number <= last; number++) {
                progress.phase("round " + number + " of " + last);
                progress.overall((number - (double) first) / (last - first + 1));
                Map<Integer, Guest> asked = guests.of(number, Instant.EPOCH).stream()
                        .collect(Collectors.toMap(Guest::device, Function.identity()));
                TaskStatus.Round open = opened(lookout, number, played);
                OnlineRound.Seen seen = new OnlineRound(number, asked, settings.arrival(), scene).play(open);
                rounds.add(round(seen, check, played));
                tell(rounds.getLast(), last);
                if (!seen.lost().isEmpty()) {
                    throw new LostException(seen.lost());
                }
            }
            return new Rounds(rounds, last - first + 1, "");
        } catch (LostException e) {
            return new Rounds(rounds, last - first + 1, String.valueOf(e.getMessage()));
        }
    }

    /** The one that devices may still come to, or the next. */
    private static int first(TaskStatus status) {
        return status.findLast()
                .map(round -> round.takes(DropoutPlan.Step.ADVERTISE) ? round.number() : round.number() + 1)
                .orElse(1);
    }

    /** All phases, some of which come twice, and what lies between them. */
    private static Duration longest(FleetSettings played) {
        var phases = played.task().path("phaseSeconds");
        long seconds = phases.path("advertise").asLong()
                + 2 * phases.path("shares").asLong()
                + phases.path("masked").asLong()
                + 2 * phases.path("unmask").asLong();
        return Duration.ofSeconds(seconds).plus(GRACE);
    }

    private TaskStatus.Round opened(Lookout lookout, int number, FleetSettings played)
            throws LostException, InterruptedException {
        var schedule = played.task().path("schedule");
        long between = schedule.has("roundsPerDay")
                ? Duration.ofDays(1).toSeconds() / schedule.path("roundsPerDay").asLong()
                : schedule.path("intervalSeconds").asLong(0);
        Instant limit = clock.instant().plus(OPENING_MAX).plusSeconds(between);
        while (clock.instant().isBefore(limit)) {
            TaskStatus status = lookout.look();
            Optional<TaskStatus.Round> open = OnlineRound.find(status, number);
            if (open.isPresent()) {
                return open.get();
            }
            if (status.done() || status.state().equals("cancelled")) {
                throw new LostException("the task is " + status.state() + " before round " + number);
            }
            Thread.sleep(LOOK_EVERY);
        }
        throw new LostException("round " + number + " did not open");
    }

    private static Round round(OnlineRound.Seen seen, CandidateCheck check, FleetSettings played)
            throws InterruptedException {
        Optional<TaskStatus.Round> last = seen.last();
        var cohort = played.task().path("cohort");
        Optional<String> candidate = last.filter(TaskStatus.Round::completed).map(TaskStatus.Round::candidateSha256);
        return new Round(
                seen.number(),
                last.map(TaskStatus.Round::phase).orElse("unknown"),
                last.map(TaskStatus.Round::reason).orElse(""),
                Verdict.explained(
                        seen,
                        cohort.path("min").asInt(),
                        cohort.path("dropoutBound").asDouble()),
                seen.seconds(),
                seen.steps(),
                last.map(TaskStatus.Round::inSum).orElse(0),
                candidate.orElse(""),
                candidate.isPresent() ? check.fault(candidate.get()) : "",
                seen.told());
    }

    private void tell(Round round, int rounds) {
        progress.note(OnlineTable.line(round, rounds));
    }

    /** The devices are gone, so that their keys are worth nothing; the aggregator need not count them any more. */
    private void forget(List<String> deviceIds, String population) throws InterruptedException {
        progress.phase("deleting the devices again");
        try {
            for (String id : deviceIds) {
                admin.forgetDevice(id);
            }
        } catch (IOException e) {
            progress.note("devices stay enrolled in " + population + ": " + told(e));
        }
    }

    /** What will become of a device, in the steps that messages have. */
    static Fate fate(Guest guest) {
        return new Fate(guest.vanishes().map(OnlineRun::step), guest.pauses().map(OnlineRun::step), guest.pause());
    }

    /** Who vanishes when it should check in or train sends nothing from then on. */
    private static DropoutPlan.Step step(dev.coppice.agent.upload.Step step) {
        return switch (step) {
            case CHECK_IN, TRAIN, ADVERTISE -> DropoutPlan.Step.ADVERTISE;
            case SHARES -> DropoutPlan.Step.SHARES;
            case MASKED_INPUT -> DropoutPlan.Step.MASKED;
            case ATTEST -> DropoutPlan.Step.ATTEST;
            case UNMASK -> DropoutPlan.Step.UNMASK;
        };
    }
}
