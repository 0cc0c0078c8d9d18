package dev.coppice.adapters.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ids of a real file are checked in ModelImportTest. */
class Llama2cTokenizerTest {
    @Test
    void theNeighboursWithTheHighestScoreAreJoinedFirst() throws Exception {
        byte[] file = file(" ", "a", "b", "ab", " a", "bb");
        try (TextTokenizer tokenizer = TextTokenizer.of(Llama2cTokenizer.toJson(file))) {
            assertThat(tokenizer.encode("ab")).containsExactly(259, 262); // "ab" scores higher than " a"
            assertThat(tokenizer.encode("aa")).containsExactly(263, 260);
            assertThat(tokenizer.encode("\u00e9")).containsExactly(259, 3 + 0xc3, 3 + 0xa9);
            assertThat(tokenizer.encodeWithSpecial("b")).containsExactly(1, 259, 261);
            assertThat(tokenizer.decode(new int[] {1, 259, 262, 3 + 0xc3, 3 + 0xa9, 2}))
                    .isEqualTo("ab\u00e9");
        }
    }

    @Test
    void truncatedAndDamagedFilesAreRefused() {
        byte[] file = file("a", "b");
        for (int length = 0; length < file.length; length += 7) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> Llama2cTokenizer.toJson(cut)).isInstanceOf(TokenizerRefusedException.class);
        }
        assertThatThrownBy(() -> Llama2cTokenizer.toJson(file("a", "a")))
                .isInstanceOf(TokenizerRefusedException.class)
                .hasMessageContaining("260");
    }

    @FuzzTest
    void anyBytesAreATokenizerOrRefused(byte[] file) {
        try {
            assertThat(Llama2cTokenizer.toJson(file)).isNotEmpty();
        } catch (TokenizerRefusedException refused) {
            assertThat(refused.getMessage()).contains("llama2.c tokenizer");
        }
    }

    /** Scores fall from piece to piece. */
    private static byte[] file(String... pieces) {
        List<String> all = new ArrayList<>(List.of("<unk>", "\n<s>\n", "\n</s>\n"));
        for (int b = 0; b < 256; b++) {
            all.add(String.format("<0x%02X>", b));
        }
        all.addAll(List.of(pieces));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {7, 0, 0, 0});
        for (int id = 0; id < all.size(); id++) {
            byte[] piece = all.get(id).getBytes(StandardCharsets.UTF_8);
            file.writeBytes(ByteBuffer.allocate(8 + piece.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(-id)
                    .putInt(piece.length)
                    .put(piece)
                    .array());
        }
        return file.toByteArray();
    }
}
