package dev.coppice.simulator;

import dev.coppice.simulator.report.HeldOut;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The guess that looks at no text: always the commonest answer of the training texts. Its loss is the cross-entropy of
 * their frequencies, with one added to every count so that an answer never seen has some probability.
 */
final class Majority<A> {
    private final Map<A, Integer> counts = new HashMap<>();
    private int total;

    /** Counts the answers of the training texts. */
    Majority(List<A> answers) {
        for (A answer : answers) {
            counts.merge(answer, 1, Integer::sum);
            total++;
        }
    }

    /**
     * How good it is.
     *
     * @param answers of the held-out texts
     * @param possible how many different answers there are
     */
    HeldOut.Score judge(List<A> answers, int possible) {
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        // of several commonest answers the one with the smallest name, so that equal data give equal figures
        A guess = counts.entrySet().stream()
                .filter(entry -> entry.getValue() == most)
                .map(Map.Entry::getKey)
                .min(java.util.Comparator.comparing(Object::toString))
                .orElse(null);
        double loss = 0;
        int correct = 0;
        for (A answer : answers) {
            correct += answer.equals(guess) ? 1 : 0;
            loss -= Math.log((counts.getOrDefault(answer, 0) + 1.0) / (total + possible));
        }
        return new HeldOut.Score((double) correct / answers.size(), loss / answers.size());
    }
}
