package dev.coppice.aggregator.console;

import static j2html.TagCreator.div;

import dev.coppice.aggregator.guard.PackFigures;
import dev.coppice.aggregator.guard.PackFigures.Cell;
import dev.coppice.aggregator.guard.PersonalFigures;
import dev.coppice.aggregator.guard.PersonalFigures.OfClass;
import dev.coppice.aggregator.http.TaskReport;
import dev.coppice.aggregator.http.TaskReport.Round;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import j2html.tags.DomContent;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What came of a task, as rounds of metrics tell it: a learning curve, or what personal adapters gain. */
@Singleton
final class Outcomes {
    private static final List<String> GAINS = List.of(
            "loses over 10 points",
            "loses up to 10",
            "no difference",
            "gains up to 10",
            "gains up to 25",
            "gains more");

    private final Store store;
    private final BlobStore blobs;

    Outcomes(Store store, BlobStore blobs) {
        this.store = store;
        this.blobs = blobs;
    }

    DomContent of(TaskReport task) throws IOException {
        return switch (task.kind()) {
            case "training" -> learning(task);
            case "personal" -> gains(task);
            default -> div();
        };
    }

    /** Mean accuracies of its adapters, by the rounds that made them, as far as any task has them evaluated. */
    private DomContent learning(TaskReport task) throws IOException {
        Map<String, Cell> evaluated = evaluated(task.skill());
        List<String> points = new ArrayList<>();
        List<Double> with = new ArrayList<>();
        List<Double> without = new ArrayList<>();
        for (Round round : task.rounds()) {
            Cell cell = evaluated.get(round.candidateSha256());
            if (cell != null) {
                points.add(Integer.toString(round.number()));
                with.add(cell.rightAfter() / cell.judged());
                without.add(cell.rightBefore() / cell.judged());
            }
        }
        return new Chart(
                        "Learning curve: mean accuracy on devices' own examples, by evaluations of the rounds' adapters",
                        "line",
                        "Round",
                        points,
                        List.of(
                                new Chart.Series("with the adapter", with),
                                new Chart.Series("with what devices had then", without)))
                .render(task.rounds().isEmpty() ? "No rounds yet." : "No evaluation of a round's adapter yet.");
    }

    /** By the adapter: all classes of devices together. */
    private Map<String, Cell> evaluated(String skill) throws IOException {
        Map<String, Cell> cells = new HashMap<>();
        for (StoredTask other : store.tasks()) {
            TaskDefinition definition = TaskJson.stored(other.definition());
            if (definition.skill().equals(skill) && definition.kind().equals("evaluation")) {
                for (StoredRound round : store.rounds(other.id())) {
                    if (round.phase() == Phase.COMPLETED) {
                        PackFigures figures = PackFigures.of(blobs.read(round.resultSha256()));
                        together(figures).ifPresent(cell -> cells.put(figures.candidateSha256(), cell));
                    }
                }
            }
        }
        return cells;
    }

    /** Empty if too few devices judged. */
    private static Optional<Cell> together(PackFigures figures) {
        double judged = 0;
        double before = 0;
        double after = 0;
        for (Cell cell : figures.cells()) {
            if (figures.accuracyGain(cell).isPresent()) {
                judged += cell.judged();
                before += cell.rightBefore();
                after += cell.rightAfter();
            }
        }
        return judged > 0 ? Optional.of(new Cell("", judged, 0, 0, judged, before, after)) : Optional.empty();
    }

    /** Of its last round. */
    private DomContent gains(TaskReport task) throws IOException {
        List<Round> completed = task.rounds().stream()
                .filter(round -> round.phase().equals("COMPLETED"))
                .toList();
        List<Chart.Series> series = new ArrayList<>();
        if (!completed.isEmpty()) {
            PersonalFigures figures =
                    PersonalFigures.of(blobs.read(completed.getLast().candidateSha256()));
            for (OfClass of : figures.classes()) {
                series.add(
                        new Chart.Series(of.deviceClass().equals("*") ? "all others" : of.deviceClass(), of.gains()));
            }
        }
        return new Chart(
                        "What personal adapters gain over the pack: devices, as far as they are enough to be told",
                        "bar",
                        "Accuracy",
                        series.isEmpty() ? List.of() : GAINS,
                        series)
                .render("No rounds yet.");
    }
}
