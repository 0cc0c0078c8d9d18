package dev.coppice.aggregator.http;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.round.HaltDesk;
import dev.coppice.protocol.Identifiers;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kill switch, for operators: no device of a population trains while it is halted. */
@Controller("/v1/admin/populations/{population}/halt")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
@Tag(name = "operation")
final class HaltController {
    private final HaltDesk desk;

    HaltController(HaltDesk desk) {
        this.desk = desk;
    }

    @Operation(summary = "Tells whether training of a population is halted")
    @Get
    HttpResponse<byte[]> halt(@PathVariable String population) {
        return Json.ok(desk.find(population)
                .<Map<String, ?>>map(
                        halt -> Map.of("halted", halt.halted(), "sequence", halt.sequence(), "because", halt.because()))
                .orElse(Map.of("halted", false)));
    }

    @Operation(summary = "Halts training of a population, or lets it go on")
    @Post
    HttpResponse<byte[]> decide(@PathVariable String population, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        var request = Json.parse(Protobuf.bytes(body));
        if (!request.path("halted").isBoolean() || !Identifiers.isIdentifier(population)) {
            throw new RequestRefusedException(
                    Kind.MALFORMED, "halted is true or false, a population 1 to 64 characters of [a-z0-9-]");
        }
        desk.decide(
                population,
                request.path("halted").asBoolean(),
                request.path("because").asText("by an operator"));
        return halt(population);
    }
}
