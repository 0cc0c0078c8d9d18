package dev.coppice.aggregator.console;

import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import dev.coppice.aggregator.http.TaskReport;
import j2html.tags.DomContent;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** One round in words. */
final class Rounds {
    private Rounds() {}

    static DomContent phase(TaskReport.Round round) {
        return switch (round.phase()) {
            case "COMPLETED" -> span("completed").withClass("good");
            case "ABORTED" -> span("abandoned: " + lower(round.reason())).withClass("bad");
            default -> text(lower(round.phase()));
        };
    }

    /** How many took the step that the round is at, of how many that joined. */
    static String devices(TaskReport.Round round) {
        int atThisStep = switch (round.phase()) {
            case "ADVERTISING" -> round.advertised();
            case "OPENING" -> round.opened();
            case "SHARING" -> round.shared();
            case "ATTESTING" -> round.attested();
            case "UNMASKING" -> round.unmasked();
            default -> round.masked();
        };
        return atThisStep + " of " + round.advertised();
    }

    static String closes(TaskReport.Round round, Instant now) {
        return isOver(round)
                ? "–"
                : Numbers.left(Duration.between(now, Instant.ofEpochMilli(round.deadlineEpochMillis())));
    }

    static boolean isOver(TaskReport.Round round) {
        return round.phase().equals("COMPLETED") || round.phase().equals("ABORTED");
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
