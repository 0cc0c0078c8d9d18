package dev.coppice.aggregator.console;

import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.text;

import dev.coppice.aggregator.store.FleetStore.FleetPart;
import dev.coppice.protocol.round.AgentVersions;
import j2html.tags.DomContent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The devices there are: enrolled ones, and those of the last day by what they say of themselves. */
final class FleetView {
    static final Duration ACTIVE = Duration.ofDays(1);

    private FleetView() {}

    static DomContent of(SortedMap<String, Long> enrolled, List<FleetPart> active, Instant now) {
        return div(
                dl(
                                OverviewView.card(
                                        "Devices enrolled",
                                        total(enrolled.values().stream().toList())),
                                OverviewView.card(
                                        "Active within a day",
                                        total(active.stream()
                                                .map(FleetPart::devices)
                                                .toList())))
                        .withClass("cards"),
                chart("Active devices by version of the agent", "Version", active, FleetView::version),
                chart("Active devices by class", "Class", active, FleetView::deviceClass),
                Tables.of(
                        "Devices by population, as of " + Numbers.time(now),
                        List.of("Population", "Enrolled", "Active within a day"),
                        enrolled.entrySet().stream()
                                .map(entry -> List.<DomContent>of(
                                        text(entry.getKey()),
                                        text(Long.toString(entry.getValue())),
                                        text(total(active.stream()
                                                .filter(part ->
                                                        part.population().equals(entry.getKey()))
                                                .map(FleetPart::devices)
                                                .toList()))))
                                .toList(),
                        "No device has enrolled yet."),
                Tables.of(
                        "Active devices that are alike",
                        List.of("Population", "Version", "Class", "Devices"),
                        active.stream()
                                .map(part -> List.<DomContent>of(
                                        text(part.population()),
                                        text(version(part)),
                                        text(deviceClass(part)),
                                        text(Long.toString(part.devices()))))
                                .toList(),
                        "No device has checked in within a day."));
    }

    private static String version(FleetPart part) {
        return AgentVersions.text(part.agentVersion());
    }

    private static String deviceClass(FleetPart part) {
        return part.deviceClass().isEmpty() ? "unknown" : part.deviceClass();
    }

    private static String total(List<Long> devices) {
        return Long.toString(devices.stream().mapToLong(Long::longValue).sum());
    }

    private static DomContent chart(
            String title, String axis, List<FleetPart> active, Function<FleetPart, String> kind) {
        SortedMap<String, Double> counts = new TreeMap<>();
        active.forEach(part -> counts.merge(kind.apply(part), (double) part.devices(), Double::sum));
        List<String> points = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (Map.Entry<String, Double> count : counts.entrySet()) {
            points.add(count.getKey());
            values.add(count.getValue());
        }
        return new Chart(title, "bar", axis, points, List.of(new Chart.Series("devices", values)))
                .render("No active devices yet.");
    }
}
