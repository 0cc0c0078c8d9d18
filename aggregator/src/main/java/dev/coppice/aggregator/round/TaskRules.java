package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.Eligibility;
import dev.coppice.aggregator.task.Schedule;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.protocol.round.CheckIn;

/** What never changes of a task, read once. */
record TaskRules(
        String population,
        String baseModelSha256,
        TaskDefinition definition,
        Schedule schedule,
        Eligibility eligibility) {
    /** How many devices are wanted above those that would do if each were eligible, had room and came to the end. */
    private static final double WANTED_MORE = 2;

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

    /** Devices a second that should come while a round waits for them. */
    double devicesWantedPerSecond() {
        return WANTED_MORE
                * definition.overSelectionOrUsual()
                * definition.cohort().max()
                / definition.phaseSeconds().advertise();
    }

    /** How many offers may be out to devices that have not joined, where so many have. */
    int offersMax(int joined) {
        return (int) Math.ceil(
                definition.overSelectionOrUsual() * (definition.cohort().max() - joined));
    }
}
