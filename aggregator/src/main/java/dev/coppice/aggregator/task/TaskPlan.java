package dev.coppice.aggregator.task;

import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.RoundTerms;
import org.jspecify.annotations.Nullable;

/**
 * What a task would cost, before it is created. Component names are the JSON's.
 *
 * @param kind training, guard (of a pack), evaluation (of an adapter) or personal (metrics of personal adapters)
 * @param dimension values that a device puts into the sum
 * @param bits of each of them
 * @param noiseMultiplier effective, of the noise that counts; 0 without noise
 * @param epsilon of all rounds together; null without noise
 */
public record TaskPlan(
        String kind,
        int rounds,
        int dimension,
        int bits,
        double noiseMultiplier,
        @Nullable Double epsilon,
        double delta) {
    static TaskPlan of(TaskDefinition task, RoundTerms template) {
        Privacy privacy = template.getPrivacy();
        return new TaskPlan(
                task.kind(),
                task.rounds(),
                template.getEncoding().getDimension(),
                template.getEncoding().getBits(),
                privacy.getNoiseMultiplier(),
                privacy.getNoiseMultiplier() > 0 ? Double.valueOf(privacy.getEpsilonMax()) : null,
                privacy.getDelta());
    }
}
