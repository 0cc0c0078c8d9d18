package dev.coppice.aggregator.http;

import dev.coppice.aggregator.store.FleetStore.FleetPart;
import dev.coppice.aggregator.store.Store;
import dev.coppice.protocol.round.AgentVersions;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;

/** The devices there are, for operators. */
@Controller("/v1/admin/fleet")
@ExecuteOn(TaskExecutors.VIRTUAL)
@Tag(name = "fleet")
final class FleetController {
    static final Duration ACTIVE = Duration.ofDays(1);

    private final Store store;
    private final InstantSource clock;

    FleetController(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * The fleet.
     *
     * @param enrolled devices by population
     * @param active devices that checked in within a day
     */
    record Fleet(SortedMap<String, Long> enrolled, List<Part> active) {
        /**
         * Devices that are alike.
         *
         * @param agentVersion {@code major.minor}, or unknown
         * @param deviceClass empty if devices do not say
         */
        record Part(String population, String agentVersion, String deviceClass, long devices) {
            static Part of(FleetPart part) {
                return new Part(
                        part.population(), AgentVersions.text(part.agentVersion()), part.deviceClass(), part.devices());
            }
        }
    }

    @Get
    @Operation(
            summary = "Counts devices: enrolled ones by population, and those of the last day by version and class too")
    @ApiResponse(
            responseCode = "200",
            description = "The fleet",
            content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Fleet.class)))
    HttpResponse<byte[]> fleet() {
        List<Fleet.Part> active = store.fleet(clock.instant().minus(ACTIVE)).stream()
                .map(Fleet.Part::of)
                .toList();
        return Json.ok(new Fleet(store.devicesByPopulation(), active));
    }
}
