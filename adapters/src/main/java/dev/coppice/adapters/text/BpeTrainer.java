package dev.coppice.adapters.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Learns a byte-level BPE tokenizer (Sennrich et al. 2016, on bytes as GPT-2 does it): the most frequent pair of
 * neighbouring symbols becomes a symbol of its own, again and again. Equal texts give equal tokenizers.
 */
public final class BpeTrainer {
    /** Token 0: starts, ends and pads texts. */
    public static final String END_OF_TEXT = "<|endoftext|>";

    private static final int BYTES = 256;

    /** A word of the texts as the symbols it now consists of, and how often it occurs. */
    private static final class Word {
        private List<String> symbols;
        private final long count;

        private Word(List<String> symbols, long count) {
            this.symbols = symbols;
            this.count = count;
        }
    }

    /** Two neighbouring symbols. */
    record Pair(String left, String right) {
        String joined() {
            return left + right;
        }
    }

    private BpeTrainer() {}

    /**
     * A tokenizer.json made from texts.
     *
     * @param vocabularySize tokens wanted, at least 257 (all bytes and {@value #END_OF_TEXT}); fewer come out if the
     *     texts hold no more pairs that occur twice
     */
    public static byte[] train(Collection<String> texts, int vocabularySize) {
        if (vocabularySize < BYTES + 1) {
            throw new IllegalArgumentException("a byte-level vocabulary has at least " + (BYTES + 1) + " tokens");
        }
        List<Word> words = words(texts);
        List<String> vocabulary = new ArrayList<>(List.of(END_OF_TEXT));
        vocabulary.addAll(ByteLevel.alphabet());
        List<Pair> merges = new ArrayList<>();
        while (vocabulary.size() < vocabularySize) {
            Pair best = best(words);
            if (best == null) {
                break;
            }
            merges.add(best);
            if (!vocabulary.contains(best.joined())) {
                vocabulary.add(best.joined());
            }
            words.forEach(word -> word.symbols = merged(word.symbols, best));
        }
        return TokenizerJson.bytes(vocabulary, merges);
    }

    private static List<Word> words(Collection<String> texts) {
        Map<String, Long> counts = new TreeMap<>();
        for (String text : texts) {
            Matcher word = ByteLevel.WORD.matcher(text.startsWith(" ") ? text : " " + text);
            while (word.find()) {
                counts.merge(word.group(), 1L, Long::sum);
            }
        }
        List<Word> words = new ArrayList<>();
        counts.forEach((word, count) -> words.add(new Word(ByteLevel.symbols(word), count)));
        return words;
    }

    /** The most frequent pair; of equals the first by its symbols. Null if no pair occurs twice. */
    private static @Nullable Pair best(List<Word> words) {
        Map<Pair, Long> counts = new HashMap<>();
        for (Word word : words) {
            for (int i = 1; i < word.symbols.size(); i++) {
                counts.merge(new Pair(word.symbols.get(i - 1), word.symbols.get(i)), word.count, Long::sum);
            }
        }
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .min(Map.Entry.<Pair, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(entry -> entry.getKey().left())
                        .thenComparing(entry -> entry.getKey().right()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static List<String> merged(List<String> symbols, Pair pair) {
        if (!symbols.contains(pair.left())) {
            return symbols;
        }
        List<String> merged = new ArrayList<>(symbols.size());
        for (int i = 0; i < symbols.size(); i++) {
            boolean here = i + 1 < symbols.size()
                    && symbols.get(i).equals(pair.left())
                    && symbols.get(i + 1).equals(pair.right());
            merged.add(here ? pair.joined() : symbols.get(i));
            i += here ? 1 : 0;
        }
        return merged;
    }
}
