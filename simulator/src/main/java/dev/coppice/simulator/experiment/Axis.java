package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What one member of a task may be. */
sealed interface Axis {
    /** One value by chance. */
    JsonNode draw(SplittableRandom random);

    /** These values. */
    record Values(List<JsonNode> values) implements Axis {
        @Override
        public JsonNode draw(SplittableRandom random) {
            return values.get(random.nextInt(values.size()));
        }
    }

    /**
     * Any number of a range.
     *
     * @param logarithmic whether equal ratios are equally likely, in place of equal differences
     * @param whole whether it is rounded
     */
    record Range(double from, double to, boolean logarithmic, boolean whole) implements Axis {
        @Override
        public JsonNode draw(SplittableRandom random) {
            double at = random.nextDouble();
            double value = logarithmic ? from * Math.pow(to / from, at) : from + (to - from) * at;
            return whole ? IntNode.valueOf((int) Math.round(value)) : DoubleNode.valueOf(value);
        }
    }

    /** A list of values, or {@code {"from", "to", "scale": "linear" or "log"}}; a range of whole numbers has whole values. */
    static Axis of(String pointer, JsonNode json) throws ExperimentRefusedException {
        SweepPlan.require(
                pointer.startsWith("/"), "over: " + pointer + " is no JSON pointer, such as /task/learningRate");
        if (json.isArray() && !json.isEmpty()) {
            List<JsonNode> values = new ArrayList<>();
            json.forEach(values::add);
            return new Values(List.copyOf(values));
        }
        double from = json.path("from").asDouble(Double.NaN);
        double to = json.path("to").asDouble(Double.NaN);
        String scale = json.path("scale").asText("linear");
        SweepPlan.require(
                from < to && (scale.equals("linear") || (scale.equals("log") && from > 0)),
                "over: " + pointer + " is a list of values, or {\"from\", \"to\", \"scale\": \"linear\" or \"log\"}");
        return new Range(
                from,
                to,
                scale.equals("log"),
                json.path("from").isIntegralNumber() && json.path("to").isIntegralNumber());
    }
}
