package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.Eligibility;
import dev.coppice.aggregator.task.Schedule;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.protocol.round.CheckIn;
import java.time.Instant;

/** What never changes of a task, read once. */
record TaskRules(
        String population,
        String baseModelSha256,
        TaskDefinition definition,
        Schedule schedule,
        Eligibility eligibility) {
    static TaskRules of(StoredTask task) {
        TaskDefinition definition = TaskJson.stored(task.definition());
        return new TaskRules(
                task.population(),
                task.baseModelSha256(),
                definition,
                Schedule.of(definition),
                Eligibility.of(definition));
    }

    /** Whether a device that checks in, of this population, is one of those that are asked. */
    boolean isFor(String devicePopulation, CheckIn device) {
        return population.equals(devicePopulation)
                && baseModelSha256.equals(device.getBaseModelSha256())
                && eligibility.admits(device);
    }

    /** Offers from before then do not count any more, unless they were taken up. */
    Instant offeredSince(Instant now) {
        return now.minusSeconds(definition.phaseSeconds().advertise());
    }
}
