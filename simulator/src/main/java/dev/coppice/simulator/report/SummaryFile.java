package dev.coppice.simulator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

/** {@code summary.json}: a {@link Summary} with its components in their order. */
public final class SummaryFile {
    public static final String NAME = "summary.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private SummaryFile() {}

    public static String write(Summary summary) {
        try {
            return JSON.writeValueAsString(summary) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a summary holds nothing but numbers and words", e);
        }
    }

    /**
     * The way back.
     *
     * @throws JsonProcessingException when it is no summary
     */
    public static Summary read(String json) throws JsonProcessingException {
        return JSON.readValue(json, Summary.class);
    }
}
