package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.text.BpeTrainer;
import dev.coppice.adapters.text.TextTokenizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that comes in pieces. */
class StreamedTextTest {
    /** Bytes and hardly anything else: a character takes up to four tokens. */
    private static final byte[] BYTES = BpeTrainer.train(List.of("ab ab ab"), 259);

    @ParameterizedTest
    @ValueSource(strings = {"plain words", "süß ☃ 😈 Ünïcode", "😈😈", "a\nb\tc  d", "ends with ☃"})
    void noPieceEndsWithinACharacterAndAllTogetherAreTheText(String text) throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.of(BYTES)) {
            int[] ids = tokenizer.encode(text);
            TextPieces pieces = new TextPieces(tokenizer, new int[0]);
            List<String> told = new ArrayList<>();
            for (int id : ids) {
                told.add(pieces.add(id));
            }
            told.add(pieces.rest());
            assertThat(String.join("", told)).isEqualTo(tokenizer.decode(ids));
            assertThat(told).noneMatch(piece -> piece.contains("\ufffd"));
        }
    }

    @Test
    void aSpaceBeforeTheFirstNewWordIsKept() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.of(BYTES)) {
            int[] prompt = tokenizer.encode("one");
            int[] all = tokenizer.encode("one two");
            TextPieces pieces = new TextPieces(tokenizer, prompt);
            StringBuilder told = new StringBuilder();
            for (int i = prompt.length; i < all.length; i++) {
                told.append(pieces.add(all[i]));
            }
            assertThat(told.toString()).isEqualTo(" two");
        }
    }

    @Test
    void brokenBytesAreToldInTheEnd() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.of(BYTES)) {
            int[] snowman = tokenizer.encode("☃");
            TextPieces pieces = new TextPieces(tokenizer, new int[0]);
            StringBuilder told = new StringBuilder();
            for (int i = 0; i < snowman.length - 1; i++) {
                told.append(pieces.add(snowman[i]));
            }
            assertThat(told.toString().strip()).isEmpty();
            assertThat(pieces.rest()).endsWith("\ufffd");
        }
    }

    @Test
    void aStopTextIsFoundAcrossPieces() {
        StopTexts stops = new StopTexts(List.of("<end>", "\n\n"));
        assertThat(stops.add("Hello <e")).isEqualTo("Hello ");
        assertThat(stops.add("nd")).isEmpty();
        assertThat(stops.found()).isFalse();
        assertThat(stops.add("> more")).isEmpty();
        assertThat(stops.found()).isTrue();
        assertThat(stops.add("and more") + stops.rest()).isEmpty();
    }

    @Test
    void whatOnlyBeganLikeAStopTextIsTold() {
        StopTexts stops = new StopTexts(List.of("aab"));
        assertThat(stops.add("xa")).isEqualTo("x");
        assertThat(stops.add("a")).isEmpty();
        assertThat(stops.add("a")).isEqualTo("a");
        assertThat(stops.add("c")).isEqualTo("aac");
        assertThat(stops.add("a")).isEmpty();
        assertThat(stops.rest()).isEqualTo("a");
    }

    @Test
    void theFirstOfSeveralStopTextsCounts() {
        StopTexts stops = new StopTexts(List.of("three", "two"));
        assertThat(stops.add("one two three")).isEqualTo("one ");
    }
}
