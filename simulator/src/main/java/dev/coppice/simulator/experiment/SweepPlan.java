package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a sweep tries.
 *
 * @param base what is varied: a {@code task}, and perhaps {@code attack} and {@code trustedPeople}
 * @param axes by JSON pointer into it, for example {@code /task/kitSpec/lora/rank}
 * @param seeds of the runs of each trial
 * @param every rounds between two looks
 * @param patience looks without a lower loss after which a run ends; 0: it never does
 * @param limits what the chosen trial may cost
 */
record SweepPlan(
        ObjectNode base,
        Map<String, Axis> axes,
        Search search,
        List<Long> seeds,
        int every,
        int patience,
        Limits limits) {
    private static final int TRIALS_MAX = 10_000;
    private static final Set<String> MEMBERS =
            Set.of("task", "attack", "trustedPeople", "over", "search", "seeds", "every", "patience", "limits");

    /**
     * What the chosen trial may cost; infinite if anything.
     *
     * @param bytesUp of a device in a round
     */
    record Limits(double epsilon, double bytesUp) {}

    /**
     * The plan in a file.
     *
     * @throws ExperimentRefusedException naming what is wrong
     */
    static SweepPlan read(Path file) throws IOException, ExperimentRefusedException {
        JsonNode json = Json.read(file);
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            require(
                    MEMBERS.contains(name),
                    file + ": a sweep has no \"" + name + "\"; it has " + String.join(", ", sorted()));
        }
        require(json.get("task") instanceof ObjectNode, file + ": task is a task definition, an object");
        ObjectNode base = Json.MAPPER.createObjectNode();
        base.set("task", json.get("task"));
        for (String name : List.of("attack", "trustedPeople")) {
            if (json.has(name)) {
                base.set(name, json.get(name));
            }
        }
        require(json.path("over").isObject() && !json.path("over").isEmpty(), file + ": over names what is varied");
        Map<String, Axis> axes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> axis : json.path("over").properties()) {
            axes.put(axis.getKey(), Axis.of(axis.getKey(), axis.getValue()));
        }
        Search search = Search.of(json.path("search"));
        List<Long> seeds = new ArrayList<>();
        json.path("seeds").forEach(seed -> seeds.add(seed.asLong()));
        return new SweepPlan(
                base,
                axes,
                search,
                seeds.isEmpty() ? List.of(1L) : List.copyOf(seeds),
                Math.max(1, json.path("every").asInt(5)),
                json.path("patience").asInt(0),
                new Limits(
                        json.path("limits").path("epsilon").asDouble(Double.POSITIVE_INFINITY),
                        json.path("limits").path("bytesUp").asDouble(Double.POSITIVE_INFINITY)));
    }

    private static List<String> sorted() {
        return MEMBERS.stream().sorted().toList();
    }

    /** All trials, in an order that the plan alone decides. */
    List<Trial> trials() throws ExperimentRefusedException {
        List<Trial> trials = search.trials(this);
        require(trials.size() <= TRIALS_MAX, "a sweep has at most " + TRIALS_MAX + " trials");
        return trials;
    }

    static void require(boolean holds, String rule) throws ExperimentRefusedException {
        if (!holds) {
            throw new ExperimentRefusedException(rule);
        }
    }
}
