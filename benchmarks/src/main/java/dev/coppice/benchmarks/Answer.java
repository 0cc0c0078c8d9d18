package dev.coppice.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** One line of JSON: what was measured, and the machine's Java and processors. */
final class Answer {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    Answer(String what) {
        fields.put("what", what);
    }

    Answer add(String name, Object value) {
        fields.put(name, value);
        return this;
    }

    Answer addAll(Map<String, Object> more) {
        fields.putAll(more);
        return this;
    }

    void print() throws JsonProcessingException {
        fields.put("java", Runtime.version().toString());
        fields.put("processors", Runtime.getRuntime().availableProcessors());
        System.out.println(new ObjectMapper().writeValueAsString(fields));
    }

    static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
