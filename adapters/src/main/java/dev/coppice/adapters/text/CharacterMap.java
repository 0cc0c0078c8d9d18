package dev.coppice.adapters.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * The table by which SentencePiece replaces characters: length of a double-array trie in bytes, its units (uint32,
 * little-endian), and the replacements, each ended by a 0. Native code follows the trie without looking where it leads;
 * this walks all of it. Units as in Darts-clone: bits 0 to 7 and 31 are the label, bit 8 says that a value follows,
 * bits 10 to 30 are the offset, times 256 if bit 9 is set.
 */
final class CharacterMap {
    private static final int LABEL = 1 << 31 | 0xFF;

    private final int[] units;
    private final byte[] replacements;
    private final BitSet seen = new BitSet();
    private final Deque<Integer> open = new ArrayDeque<>();

    private CharacterMap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /** Whether no text leads outside of the table. */
    static boolean isSafe(String base64) {
        try {
            ByteBuffer bytes =
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
            long trieBytes = bytes.remaining() < Integer.BYTES ? -1 : Integer.toUnsignedLong(bytes.getInt());
            if (trieBytes < Integer.BYTES || trieBytes % Integer.BYTES != 0 || trieBytes > bytes.remaining()) {
                return false;
            }
            int[] units = new int[(int) trieBytes / Integer.BYTES];
            bytes.asIntBuffer().get(units);
            byte[] replacements = new byte[bytes.remaining() - (int) trieBytes];
            bytes.position(bytes.position() + (int) trieBytes).get(replacements);
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
            return new CharacterMap(units, replacements).leadsNowhereElse();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return false;
        }
    }

    private boolean leadsNowhereElse() {
        reach(offset(units[0]));
        while (!open.isEmpty()) {
            int position = open.pop();
            for (int label = 1; label < 256; label++) {
                int next = position ^ label;
                if (next >= units.length) {
                    return false;
                }
                if ((units[next] & LABEL) == label) {
                    int child = next ^ offset(units[next]);
                    boolean hasValue = (units[next] >>> 8 & 1) == 1;
                    if (hasValue && (child >= units.length || !startsText(units[child] & Integer.MAX_VALUE))) {
                        return false;
                    }
                    reach(child);
                }
            }
        }
        return true;
    }

    private void reach(int position) {
        if (!seen.get(position)) {
            seen.set(position);
            open.push(position);
        }
    }

    private boolean startsText(int index) {
        return index == replacements.length || (index < replacements.length && (replacements[index] & 0xC0) != 0x80);
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & 1 << 9) >>> 6);
    }
}
