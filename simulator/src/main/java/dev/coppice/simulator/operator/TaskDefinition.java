package dev.coppice.simulator.operator;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/admin/tasks}: component names are the JSON's.
 *
 * @param kitSpec the canonical JSON of the kit's specification
 * @param clip how the norm follows the updates'; null: not at all
 * @param mergeRule what becomes of LoRA factors, by name
 * @param epsilon of {@code rounds} participations; null: no noise
 */
public record TaskDefinition(
        String skill,
        String population,
        String baseModelSha256,
        JsonNode kitSpec,
        String kitSha256,
        String initialAdapterSha256,
        int rounds,
        int localSteps,
        double learningRate,
        int examplesMin,
        double clipNorm,
        @Nullable ClipRule clip,
        @Nullable Double epsilon,
        double delta,
        CohortRule cohort,
        String mergeRule,
        ServerOptimizer serverOptimizer,
        PhaseSeconds phaseSeconds) {
    /**
     * That the clip norm follows a quantile.
     *
     * @param kind {@code adaptive}
     * @param quantile part of the updates that are not clipped
     */
    public record ClipRule(String kind, double quantile) {}

    /** How large a cohort may be, and how much of it may fail. */
    public record CohortRule(int min, int max, double dropoutBound, double corruptionBound) {}

    /**
     * How a sum becomes a step.
     *
     * @param kind {@code fedavg}, {@code momentum}, {@code fedadam}, {@code fedyogi} or {@code fedadagrad}
     */
    public record ServerOptimizer(String kind, double learningRate, double momentum) {}

    /** How long each step of a round stays open at most. */
    public record PhaseSeconds(int advertise, int shares, int masked, int unmask) {}
}
