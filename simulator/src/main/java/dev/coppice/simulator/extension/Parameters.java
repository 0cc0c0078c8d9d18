package dev.coppice.simulator.extension;

import java.util.Map;
import java.util.TreeMap;

/** Numbers that a scenario gives beside a name, for example {@code alpha: 0.1}. */
public record Parameters(Map<String, Double> values) {
    /** None given: all defaults. */
    public static final Parameters NONE = new Parameters(Map.of());

    public Parameters {
        values = Map.copyOf(new TreeMap<>(values));
    }

    /** The number of this name, or the usual one if the scenario says nothing. */
    public double of(String name, double usual) {
        Double given = values.get(name);
        return given == null ? usual : given;
    }
}
