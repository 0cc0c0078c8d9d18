package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.inference.Ending;
import dev.coppice.adapters.inference.Generation;
import java.util.Locale;

/** How fast a text was written: the prompt and the first token apart from the tokens that follow. */
final class GenerationClock {
    private static final double SECOND = 1e9;

    private final Generation text;
    private final long begun = System.nanoTime();
    private long first;
    private int firstTokens;
    private long last;

    GenerationClock(Generation text) {
        this.text = text;
    }

    /** A piece has come, or the end. */
    void tick() {
        last = System.nanoTime();
        if (first == 0) {
            first = last;
            firstTokens = text.tokens().length;
        }
    }

    String summary() {
        return String.format(
                Locale.ROOT,
                "%d tokens, %.0f a second; %d tokens of prompt and the first after %.0f ms; %s",
                text.tokens().length,
                tokensPerSecond(),
                text.promptLength(),
                1000 * (first - begun) / SECOND,
                why());
    }

    ObjectNode json(String told) {
        ObjectNode answer = new ObjectMapper().createObjectNode();
        answer.put("text", told);
        answer.put("tokens", text.tokens().length);
        answer.put("promptTokens", text.promptLength());
        answer.put("ending", text.ending().map(Ending::name).orElse(""));
        answer.put("firstMillis", 1000 * (first - begun) / SECOND);
        answer.put("tokensPerSecond", tokensPerSecond());
        return answer;
    }

    private double tokensPerSecond() {
        int after = text.tokens().length - firstTokens;
        return after == 0 ? 0 : after * SECOND / (last - first);
    }

    private String why() {
        return switch (text.ending().orElse(Ending.CANCELLED)) {
            case END_TOKEN -> "the model ended the text";
            case STOP_TEXT -> "a stop text came";
            case TOKENS_MAX -> "as many as were asked for";
            case LENGTH_MAX -> "the model reads no longer text";
            case CANCELLED -> "stopped";
        };
    }
}
