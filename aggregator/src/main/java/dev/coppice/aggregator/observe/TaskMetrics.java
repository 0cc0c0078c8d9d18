package dev.coppice.aggregator.observe;

import dev.coppice.aggregator.http.TaskReport;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredTask;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * What is left of the budgets of tasks that are under way. Labelled by task, of which the first hundred are shown: rows of tasks
 * that are over go.
 */
@Singleton
final class TaskMetrics {
    private static final int SHOWN_MAX = 100;

    private final Store store;
    private final MultiGauge left;
    private final MultiGauge epsilon;

    TaskMetrics(Store store, MeterRegistry registry) {
        this.store = store;
        this.left = MultiGauge.builder("coppice.task.rounds.left")
                .description("Rounds that a task's privacy budget still allows")
                .register(registry);
        this.epsilon = MultiGauge.builder("coppice.task.epsilon")
                .description("Epsilon of all rounds of a task together, as planned; no row without noise")
                .register(registry);
    }

    @Scheduled(fixedDelay = "${coppice.metrics.tasks-every:15s}")
    void refresh() {
        List<Row<?>> leftRows = new ArrayList<>();
        List<Row<?>> epsilonRows = new ArrayList<>();
        for (StoredTask task : store.unfinishedTasks().stream().limit(SHOWN_MAX).toList()) {
            TaskReport report = TaskReport.of(task, store.rounds(task.id()));
            Tags tags = Tags.of("task", task.id(), "skill", report.skill());
            leftRows.add(Row.of(tags, report.roundsPlanned() - begun(report)));
            Double planned = report.epsilon();
            if (planned != null) {
                epsilonRows.add(Row.of(tags, planned));
            }
        }
        left.register(leftRows, true);
        epsilon.register(epsilonRows, true);
    }

    /** A round that is open or over has been paid for by who was in it. */
    private static long begun(TaskReport report) {
        return report.rounds().size();
    }
}
