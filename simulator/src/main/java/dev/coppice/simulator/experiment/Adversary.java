package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.simulator.extension.Attack;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.Parameters;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who attacks, and how.
 *
 * @param share part of all devices that are malicious, 0 to 1
 */
record Adversary(Attack attack, Parameters parameters, double share) {
    /**
     * {@code {"name", "share", "parameters"}}; the name {@code none} or a share of 0 is nobody.
     *
     * @throws ExperimentRefusedException if there is no such attack, or the share is out of range
     */
    static Optional<Adversary> of(JsonNode json) throws ExperimentRefusedException {
        String name = json.path("name").asText("none");
        double share = json.path("share").asDouble(0);
        SweepPlan.require(share >= 0 && share <= 1, "attack.share is 0 to 1");
        if (name.equals("none") || share == 0) {
            return Optional.empty();
        }
        Map<String, Double> parameters = new TreeMap<>();
        json.path("parameters")
                .properties()
                .forEach(one -> parameters.put(one.getKey(), one.getValue().asDouble()));
        try {
            return Optional.of(
                    new Adversary(Extensions.named(Attack.class, "attack", name), new Parameters(parameters), share));
        } catch (IllegalArgumentException e) {
            throw new ExperimentRefusedException("attack.name: " + e.getMessage());
        }
    }
}
