package dev.coppice.adapters.inference;

import java.util.List;

/**
 * What a model makes of one text.
 *
 * @param names the labels, in the order of the model's outputs
 * @param probabilities of each label, all together 1
 */
public record Labels(List<String> names, List<Float> probabilities) {
    public Labels {
        names = List.copyOf(names);
        probabilities = List.copyOf(probabilities);
        if (names.isEmpty() || names.size() != probabilities.size()) {
            throw new IllegalArgumentException("every label has a probability");
        }
    }

    /** The likeliest label; the first of several. */
    public String likeliest() {
        int best = 0;
        for (int i = 1; i < names.size(); i++) {
            best = probabilities.get(i) > probabilities.get(best) ? i : best;
        }
        return names.get(best);
    }

    /**
     * Probability of a label.
     *
     * @throws IllegalArgumentException if there is no such label
     */
    public double probability(String label) {
        int index = names.indexOf(label);
        if (index < 0) {
            throw new IllegalArgumentException("there is no such label");
        }
        return probabilities.get(index);
    }
}
