package dev.coppice.agent.escalation;

import java.io.IOException;
import java.util.List;

/** A larger model elsewhere. Must not be trusted: what it says is checked by whoever asks. Thread-safe. */
@FunctionalInterface
public interface LargerModel {
    /**
     * Asks once, without retrying.
     *
     * @param labels that may be the answer
     * @return what it said, of bounded length, and perhaps none of the labels
     * @throws IOException if there was no answer in time, or none that could be read; says nothing of the question
     */
    String ask(RedactedText question, List<String> labels) throws IOException, InterruptedException;
}
