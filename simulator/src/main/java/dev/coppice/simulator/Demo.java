package dev.coppice.simulator;

import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Personalization;
import dev.coppice.agent.Source;
import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.simulator.report.HtmlReport;
import dev.coppice.simulator.report.RunReport;
import dev.coppice.simulator.report.Summary;
import dev.coppice.simulator.report.SummaryFile;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.DropoutPlan;
import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.RoundBoard;
import dev.coppice.simulator.world.SwitchedRandom;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** The whole loop on real parts, once. */
public final class Demo {
    private static final Duration REPLY_MAX = Duration.ofMinutes(5);
    private static final Duration RELEASE_MAX = Duration.ofSeconds(60);

    private final DemoSettings settings;
    private final InstantSource clock;
    private final Progress progress;
    private final Stopwatch watch;

    /** A run that has not begun. */
    public Demo(DemoSettings settings, InstantSource clock, Progress progress) {
        this.settings = settings;
        this.clock = clock;
        this.progress = progress;
        this.watch = new Stopwatch(clock, progress);
    }

    /**
     * Runs it to the end and writes report and summary.
     *
     * @throws DemoRefusedException when the settings or the data cannot be used
     * @throws IOException when a part failed or could not be reached
     */
    public Summary run() throws DemoRefusedException, IOException, InterruptedException {
        OutFolder out = OutFolder.prepare(settings.out());
        watch.part("preparing people, base model and training kit", 0);
        long peopleSeed = settings.seed().isPresent()
                ? settings.seed().getAsLong()
                : new Dice(SwitchedRandom.of(settings.seed(), "people")).below(Integer.MAX_VALUE);
        try (Material material = Material.gather(settings, peopleSeed, out.kit());
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            watch.part("starting the aggregator and the release signer", 0.03);
            try (Services services = Services.start(settings, material, out, client)) {
                RunReport report = runOrExplain(material, services, client, out);
                OutFolder.write(out.report(), HtmlReport.write(report));
                OutFolder.write(out.summary(), SummaryFile.write(report.summary()));
                return report.summary();
            }
        } catch (KitRefusedException e) {
            throw new IOException("a device cannot use the training kit: " + e.getMessage(), e);
        }
    }

    /** Where a process has ended, that is the reason, whatever the devices saw of it. */
    private RunReport runOrExplain(Material material, Services services, HttpClient client, OutFolder out)
            throws IOException, InterruptedException, KitRefusedException {
        try {
            return run(material, services, client, out);
        } catch (IOException e) {
            services.mustBeWell();
            throw e;
        }
    }

    private RunReport run(Material material, Services services, HttpClient client, OutFolder out)
            throws IOException, InterruptedException, KitRefusedException {
        int devices = material.population().people().size();
        RoundBoard board = new RoundBoard(devices);
        DropoutPlan plan = DropoutPlan.draw(
                settings.dropout(), devices, settings.rounds(), SwitchedRandom.of(settings.seed(), "drop-outs"));
        Fleets fleets = new Fleets(settings, material, services.trust(), clock);
        HttpTransport transport =
                new HttpTransport(new BoundedHttp(client), services.aggregator().address(), REPLY_MAX);
        watch.part("enrolling " + devices + " devices", 0.07);
        try (Fleet fleet = fleets.online(transport, board, out::device);
                Fleet loners = fleets.offline(out::loner)) {
            List<byte[]> tokens = services.admin().enrolmentTokens(devices, Fleets.POPULATION);
            fleet.each(
                    device -> {
                        device.enrol(tokens.get(device.index()));
                        device.learnTexts();
                        return device;
                    },
                    counter("enrolled", fleet));
            RoundLeader leader = new RoundLeader(
                    services.admin(),
                    services.taskId(),
                    new RoundLeader.Scene(services.aggregator(), fleet, board, plan),
                    clock,
                    progress);
            Training training =
                    new TrainingStage(material, services.admin(), leader, watch, progress).run(settings.rounds());
            warn(training);
            watch.part("releasing the skill pack", 0.66);
            services.awaitRelease(RELEASE_MAX);
            Outcome outcome = install(material, fleet, loners);
            watch.end();
            Summary.Pack pack = KeptPack.keep(transport, services.trust().repository(), clock, out.pack());
            return new Telling(settings, material).report(training, outcome, pack, watch);
        }
    }

    private Outcome install(Material material, Fleet fleet, Fleet loners) throws IOException, InterruptedException {
        watch.part("devices verify, try and install the pack", 0.68);
        List<Installation> installations = fleet.each(device -> device.update(), counter("updated", fleet));
        watch.part("personal adapters", 0.72);
        List<Personalization> personals = fleet.each(device -> device.personalize(), counter("personalized", fleet));
        watch.part("the same people without any rounds", 0.84);
        loners.each(
                device -> {
                    device.learnTexts();
                    return device.personalize();
                },
                counter("trained alone", loners));
        watch.part("judging on texts that no device held", 0.95);
        return new Outcome(
                installations,
                personals,
                Judging.majority(material),
                Judging.each(fleet, Source.BASE, progress),
                Judging.each(loners, Source.PERSONAL, progress),
                Judging.each(fleet, Source.PACK, progress),
                Judging.each(fleet, Source.PERSONAL, progress),
                Traffic.of(fleet),
                mostSpent(fleet));
    }

    private static double mostSpent(Fleet fleet) throws InterruptedException {
        double most = 0;
        for (var device : fleet.devices()) {
            most = Math.max(most, device.epsilonSpent());
        }
        return most;
    }

    private void warn(Training training) {
        if (!training.refused().isEmpty()) {
            progress.note("devices stayed out " + training.refused().size() + " times, for example: "
                    + training.refused().getFirst().why());
        }
    }

    private Counter counter(String what, Fleet fleet) {
        return new Counter(what, fleet.size(), progress);
    }
}
