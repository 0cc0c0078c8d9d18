package dev.coppice.aggregator.console;

import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import dev.coppice.aggregator.store.AuditStore.AuditEntry;
import j2html.tags.DomContent;
import java.util.List;
import java.util.OptionalLong;

/** What was asked for, by whom, and what came of it. */
final class AuditView {
    private AuditView() {}

    static DomContent of(List<AuditEntry> newest, OptionalLong broken) {
        return div(
                broken.isEmpty()
                        ? p("Every entry vouches for the one before it, and none was changed.")
                                .withClass("good")
                        : div("Entry " + broken.getAsLong() + " is not what was written: somebody has changed the log.")
                                .attr("role", "alert"),
                Tables.of(
                        "The newest " + newest.size() + " entries",
                        List.of("Entry", "When", "Who", "What", "Detail", "Hash"),
                        newest.stream().map(AuditView::row).toList(),
                        "Nobody has changed anything yet."));
    }

    private static List<DomContent> row(AuditEntry entry) {
        return List.of(
                text(Long.toString(entry.position())),
                text(Numbers.time(entry.at())),
                text(entry.actor()),
                text(entry.action()),
                text(entry.detail()),
                code(entry.sha256().substring(0, 12)));
    }
}
