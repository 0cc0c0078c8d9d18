package dev.coppice.aggregator.console;

import dev.coppice.aggregator.audit.AuditLog;
import dev.coppice.aggregator.http.TaskReport;
import dev.coppice.aggregator.release.RepositoryDesk;
import dev.coppice.aggregator.release.RepositoryRefusedException;
import dev.coppice.aggregator.release.RolloutDesk;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskJson;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The console's pages. Which role may do what is decided before a request comes here, and entered in the audit log. */
@Hidden
@Controller("/console")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class ConsoleController {
    private static final int AUDIT_SHOWN = 200;

    private final Store store;
    private final RolloutDesk rollouts;
    private final RepositoryDesk repository;
    private final AuditLog audit;
    private final InstantSource clock;

    ConsoleController(
            Store store, RolloutDesk rollouts, RepositoryDesk repository, AuditLog audit, InstantSource clock) {
        this.store = store;
        this.rollouts = rollouts;
        this.repository = repository;
        this.audit = audit;
        this.clock = clock;
    }

    @Get
    HttpResponse<String> overview() {
        return Page.of("Overview", "Overview", OverviewView.live(overviewNow()));
    }

    @Get("/overview-now")
    HttpResponse<String> overviewLive() {
        return Page.fragment(OverviewView.live(overviewNow()));
    }

    private OverviewView.Facts overviewNow() {
        return new OverviewView.Facts(
                store.devicesByPopulation(),
                store.devicesSeen(clock.instant().minus(OverviewView.SEEN)),
                store.faults().size(),
                store.unfinishedTasks().stream().map(this::report).toList(),
                clock.instant());
    }

    @Get("/fleet")
    HttpResponse<String> fleet() {
        return Page.of(
                "Fleet",
                "Fleet",
                FleetView.of(
                        store.devicesByPopulation(),
                        store.fleet(clock.instant().minus(FleetView.ACTIVE)),
                        clock.instant()));
    }

    @Get("/privacy")
    HttpResponse<String> privacy() {
        return Page.of(
                "Privacy",
                "Privacy",
                PrivacyView.of(store.tasks().stream().map(this::report).toList(), clock.instant()));
    }

    @Get("/packs")
    HttpResponse<String> packs() {
        return Page.of("Packs", "Packs", PackView.live(skills()));
    }

    @Get("/packs-now")
    HttpResponse<String> packsLive() {
        return Page.fragment(PackView.live(skills()));
    }

    @Post("/rollouts/{skill}/halt")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    HttpResponse<?> halt(@PathVariable String skill, @Body Map<String, String> fields)
            throws RepositoryRefusedException, IOException {
        rollouts.halt(skill, fields.getOrDefault("deviceClass", "*"), "by an operator");
        return HttpResponse.seeOther(URI.create("/console/packs"));
    }

    private List<PackView.Skill> skills() {
        Stream<String> known = Stream.concat(
                store.rolloutSkills().stream(),
                store.tasks().stream()
                        .map(task -> TaskJson.stored(task.definition()).skill()));
        return known.distinct()
                .sorted()
                .map(skill -> new PackView.Skill(skill, repository.released(skill), rollouts.rollouts(skill)))
                .filter(skill -> !skill.released().isEmpty())
                .toList();
    }

    @Get("/audit")
    HttpResponse<String> audit() {
        return Page.of("Audit log", "Audit log", AuditView.of(audit.newest(AUDIT_SHOWN), audit.findBroken()));
    }

    private TaskReport report(StoredTask task) {
        return TaskReport.of(task, store.rounds(task.id()));
    }
}
