package dev.coppice.aggregator.http;

import dev.coppice.aggregator.audit.AuditLog;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.store.AuditStore.AuditEntry;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The audit log, for operators. */
@Controller("/v1/admin/audit")
@ExecuteOn(TaskExecutors.VIRTUAL)
@Tag(name = "audit")
final class AuditController {
    private final AuditLog log;

    AuditController(AuditLog log) {
        this.log = log;
    }

    /**
     * What was asked for, or what came of it.
     *
     * @param at ISO 8601
     */
    record Entry(long position, String at, String actor, String action, String detail, String sha256) {
        static Entry of(AuditEntry entry) {
            return new Entry(
                    entry.position(),
                    entry.at().toString(),
                    entry.actor(),
                    entry.action(),
                    entry.detail(),
                    entry.sha256());
        }
    }

    /**
     * Entries, oldest first.
     *
     * @param firstChanged position of the first entry that is not what was written; null if all are
     */
    record AuditPage(
            List<Entry> items,
            @Nullable String next,
            @Nullable Long firstChanged) {}

    @Get
    @Operation(
            summary = "Lists what was asked for and what came of it, oldest first, and whether anybody changed the log")
    @ApiResponse(
            responseCode = "200",
            description = "A page; a cursor is the position of an entry",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = AuditPage.class)))
    HttpResponse<byte[]> entries(
            @QueryValue(defaultValue = Pages.LIMIT_USUAL) int limit, @QueryValue(defaultValue = "-1") long cursor)
            throws RequestRefusedException {
        List<AuditEntry> found = log.entries(cursor + 1, Pages.limit(limit) + 1);
        Pages<Entry> page = Pages.of(found, limit, entry -> Long.toString(entry.position()), Entry::of);
        OptionalLong broken = log.findBroken();
        return Json.ok(
                new AuditPage(page.items(), page.next(), broken.isPresent() ? Long.valueOf(broken.getAsLong()) : null));
    }
}
