package dev.coppice.simulator.attack;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Attack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Trains honestly on wrong labels: label i of n becomes n - 1 - i (Fang et al. 2020, section 4.1). Texts without labels are
 * learned with their words in reverse order.
 */
public final class LabelFlip implements Attack {
    @Override
    public String name() {
        return "label-flip";
    }

    @Override
    public List<Example> examples(List<Example> own, View view, SplittableRandom random) {
        List<String> labels = view.labels();
        return own.stream()
                .map(example -> labels.isEmpty()
                        ? new Example(reversed(example.text()), example.label())
                        : new Example(example.text(), labels.get(labels.size() - 1 - labels.indexOf(example.label()))))
                .toList();
    }

    private static String reversed(String text) {
        List<String> words = new ArrayList<>(List.of(text.split(" ", -1)));
        Collections.reverse(words);
        return String.join(" ", words);
    }
}
