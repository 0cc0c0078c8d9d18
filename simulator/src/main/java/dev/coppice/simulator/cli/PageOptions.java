package dev.coppice.simulator.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;

/** Which part of a list is shown. */
final class PageOptions {
    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "at most so many, up to 500 (default: ${DEFAULT-VALUE})")
    private int limit;

    @Option(
            names = "--cursor",
            paramLabel = "C",
            defaultValue = "",
            description = "those that follow: what the list before calls next")
    private String cursor = "";

    String query() {
        return "?limit=" + limit
                + (cursor.isEmpty() ? "" : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8));
    }
}
