package dev.coppice.aggregator.console;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.p;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A picture of some series over the same points, and the same numbers as a table for who cannot see it.
 *
 * @param kind {@code line} or {@code bar}
 * @param points names along the axis
 */
record Chart(String title, String kind, String axis, List<String> points, List<Series> series) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** One value for each point. */
    record Series(String name, List<Double> values) {}

    /** @param ifEmpty what is said instead where there are no points: an empty picture looks like one that failed to load */
    DomContent render(String ifEmpty) {
        if (points.isEmpty()) {
            return figure(figcaption(title), p(ifEmpty).withClass("empty"));
        }
        List<String> columns = new ArrayList<>(List.of(axis));
        series.forEach(each -> columns.add(each.name()));
        List<List<DomContent>> rows = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            List<DomContent> row = new ArrayList<>(List.of(text(points.get(i))));
            for (Series each : series) {
                row.add(text(Numbers.plain(each.values().get(i))));
            }
            rows.add(row);
        }
        return figure(
                figcaption(title),
                div().withClass("chart")
                        .attr("role", "img")
                        .attr("aria-label", title + "; the numbers are in the table below")
                        .attr("data-chart", json()),
                details(summary("As a table"), Tables.of(title, columns, rows, ifEmpty)));
    }

    private String json() {
        try {
            return JSON.writeValueAsString(Map.of("kind", kind, "axis", axis, "points", points, "series", series));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Plain values are always JSON", e);
        }
    }
}
