package dev.coppice.aggregator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.release.RepositoryRefusedException;
import dev.coppice.aggregator.release.Rollout;
import dev.coppice.aggregator.release.Rollout.GuardFigures;
import dev.coppice.aggregator.release.Rollout.GuardLimits;
import dev.coppice.aggregator.release.RolloutDesk;
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
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How packs reach devices, for operators. */
@Controller("/v1/admin/rollouts/{skill}")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
@Tag(name = "packs")
final class RolloutController {
    private final RolloutDesk desk;
    private final InstantSource clock;

    RolloutController(RolloutDesk desk, InstantSource clock) {
        this.desk = desk;
        this.clock = clock;
    }

    @Operation(summary = "Tells how far the packs of a skill have moved out")
    @Get
    HttpResponse<byte[]> rollouts(@PathVariable String skill) {
        return Json.ok(Map.of(
                "rollouts",
                desk.rollouts(skill).stream().map(RolloutController::report).toList()));
    }

    @Operation(summary = "Begins a rollout")
    @Post
    HttpResponse<byte[]> begin(@PathVariable String skill, @Body byte @Nullable [] body)
            throws RequestRefusedException, RepositoryRefusedException, IOException {
        JsonNode request = Json.parse(Protobuf.bytes(body));
        List<Integer> steps = new ArrayList<>();
        request.path("stepsPermille").forEach(step -> steps.add(step.asInt()));
        try {
            desk.begin(
                    skill,
                    Rollout.begin(
                            request.path("deviceClass").asText("*"),
                            request.path("version").asLong(),
                            request.path("otherwise").asLong(),
                            steps,
                            Duration.ofSeconds(request.path("soakSeconds").asLong(-1)),
                            new GuardLimits(
                                    request.path("devicesMin").asInt(),
                                    request.path("rolledBackMax").asDouble(-1),
                                    request.path("crashedMax").asDouble(-1),
                                    request.path("accuracyLossMax").asDouble(-1)),
                            clock.instant()));
            return rollouts(skill);
        } catch (IllegalArgumentException e) {
            throw new RepositoryRefusedException(String.valueOf(e.getMessage()));
        }
    }

    @Operation(summary = "Halts a rollout: devices go back")
    @Post("/halt")
    HttpResponse<byte[]> halt(@PathVariable String skill, @Body byte @Nullable [] body)
            throws RequestRefusedException, RepositoryRefusedException, IOException {
        JsonNode request = Json.parse(Protobuf.bytes(body));
        desk.halt(
                skill,
                request.path("deviceClass").asText("*"),
                request.path("because").asText("by an operator"));
        return rollouts(skill);
    }

    @Operation(summary = "Hands in guard figures")
    @Post("/guard")
    HttpResponse<byte[]> guard(@PathVariable String skill, @Body byte @Nullable [] body)
            throws RequestRefusedException, RepositoryRefusedException, IOException {
        JsonNode request = Json.parse(Protobuf.bytes(body));
        desk.guard(
                skill,
                request.path("deviceClass").asText("*"),
                new GuardFigures(
                        request.path("devices").asDouble(),
                        request.path("rolledBack").asDouble(Double.NaN),
                        request.path("crashed").asDouble(Double.NaN),
                        request.path("accuracyBefore").asDouble(Double.NaN),
                        request.path("accuracyAfter").asDouble(Double.NaN)));
        return rollouts(skill);
    }

    private static Map<String, Object> report(Rollout rollout) {
        return Map.of(
                "deviceClass",
                rollout.deviceClass(),
                "version",
                rollout.version(),
                "otherwise",
                rollout.otherwise(),
                "permille",
                rollout.stepsPermille().get(rollout.step()),
                "sinceEpochSeconds",
                rollout.since().getEpochSecond(),
                "haltedBecause",
                rollout.haltedBecause());
    }
}
