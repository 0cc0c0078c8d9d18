package dev.coppice.simulator.dealing;

import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.extension.Partition;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** {@code natural}: each user of the input has a device, those with the most texts first. */
public final class NaturalPartition implements Partition {
    @Override
    public String name() {
        return "natural";
    }

    @Override
    public List<int[]> deal(Corpus corpus, int devices, Parameters parameters, SplittableRandom random) {
        if (corpus.users().isEmpty()) {
            throw new IllegalArgumentException(
                    "the partition \"natural\" needs texts that say who said them (\"user\")");
        }
        Map<String, Integer> places = new LinkedHashMap<>();
        corpus.users().forEach(user -> places.putIfAbsent(user, places.size()));
        Hands hands = new Hands(places.size());
        for (int i = 0; i < corpus.users().size(); i++) {
            hands.give(places.getOrDefault(corpus.users().get(i), 0), i);
        }
        return hands.dealt().stream()
                .sorted(Comparator.comparingInt((int[] hand) -> -hand.length))
                .limit(devices)
                .toList();
    }
}
