package dev.coppice.simulator.extension;

import dev.coppice.adapters.text.Example;
import java.util.List;

/**
 * Texts that are to be dealt out.
 *
 * @param examples in the order of the input
 * @param users who said each of them, in the same order; empty if the input does not say
 */
public record Corpus(List<Example> examples, List<String> users) {
    public Corpus {
        examples = List.copyOf(examples);
        users = List.copyOf(users);
        if (!users.isEmpty() && users.size() != examples.size()) {
            throw new IllegalArgumentException("users are named for all examples or for none");
        }
    }
}
