package dev.coppice.simulator.population;

import dev.coppice.adapters.text.Example;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One made-up person: who and what is talked about at home, how requests begin and end, which phrasing is preferred,
 * what is asked for often, and private words that mean one thing to this person only. Not thread-safe.
 */
final class Speaker {
    /** Private words of a person. */
    private static final int PRIVATE_WORDS = 4;

    private static final int PRIVATE_PHRASES = 3;
    private static final double OWN_UNEVENNESS = 0.8;
    private static final int WORDS_KNOWN = 4;
    private static final double POLITE_SHARE = 0.35;
    private static final Pattern SLOT = Pattern.compile("\\{([a-z]+)}");
    private static final int TRIES_MAX = 10_000;

    private final Crowd crowd;
    private final Phrasebook book;
    private final SplittableRandom random;
    private final Map<String, List<String>> known = new HashMap<>();
    private final Weighted<String> labels;
    private final Map<String, Weighted<String>> everyday = new HashMap<>();
    private final Map<String, Weighted<String>> appOnly = new HashMap<>();
    private final Map<String, String> meanings = new LinkedHashMap<>();
    private final List<String> privatePhrases;
    private final String before;
    private final String after;

    Speaker(Crowd crowd, Phrasebook book, SplittableRandom random) {
        this.crowd = crowd;
        this.book = book;
        this.random = random;
        for (String slot : book.slots()) {
            known.put(slot, some(book.words(slot), WORDS_KNOWN));
        }
        labels = crowd.labels().perturbed(OWN_UNEVENNESS, random);
        for (String label : book.labels()) {
            everyday.put(label, Weighted.spread(book.everyday(label), 0.8, random));
            appOnly.put(label, Weighted.spread(book.appOnly(label), 0.8, random));
        }
        privatePhrases = some(book.words("private phrase"), PRIVATE_PHRASES);
        before = one(book.words("before"));
        after = one(book.words("after"));
        pickPrivateWords();
    }

    /** Private words of this person and the label that each stands for. */
    Map<String, String> meanings() {
        return Map.copyOf(meanings);
    }

    /** So many examples with different texts. */
    List<Example> say(int count) {
        List<Example> said = new ArrayList<>();
        Set<String> texts = new HashSet<>();
        for (int tries = 0; said.size() < count; tries++) {
            if (tries > TRIES_MAX) {
                throw new IllegalStateException("a person cannot say " + count + " different things");
            }
            Example example = sayOne();
            if (texts.add(example.text())) {
                said.add(example);
            }
        }
        return said;
    }

    private Example sayOne() {
        if (random.nextDouble() < crowd.privateShare()) {
            String word = one(List.copyOf(meanings.keySet()));
            String phrase = one(privatePhrases).replace("{private}", word);
            return new Example(politely(phrase), meaning(word));
        }
        String label = labels.draw(random);
        Map<String, Weighted<String>> phrases = random.nextDouble() < crowd.appShare() ? appOnly : everyday;
        return new Example(politely(filled(weighted(phrases, label).draw(random))), label);
    }

    private String filled(String phrase) {
        return SLOT.matcher(phrase)
                .replaceAll(slot -> Matcher.quoteReplacement(one(known.getOrDefault(slot.group(1), List.of("it")))));
    }

    private String politely(String text) {
        String start = random.nextDouble() < POLITE_SHARE ? before + " " : "";
        String end = random.nextDouble() < POLITE_SHARE ? " " + after : "";
        return (start + text + end).strip();
    }

    private void pickPrivateWords() {
        Set<String> meant = new HashSet<>();
        for (String word : some(book.words(crowd.privateWords()), PRIVATE_WORDS)) {
            String label = labels.draw(random);
            while (!meant.add(label)) {
                label = labels.draw(random);
            }
            meanings.put(word, label);
        }
    }

    private String meaning(String word) {
        return Objects.requireNonNull(meanings.get(word));
    }

    private static Weighted<String> weighted(Map<String, Weighted<String>> phrases, String label) {
        return Objects.requireNonNull(phrases.get(label));
    }

    private String one(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private List<String> some(List<String> choices, int count) {
        List<String> left = new ArrayList<>(choices);
        List<String> picked = new ArrayList<>();
        while (picked.size() < count && !left.isEmpty()) {
            picked.add(left.remove(random.nextInt(left.size())));
        }
        return picked;
    }
}
