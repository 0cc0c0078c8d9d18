package dev.coppice.agent.store;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Several byte strings in one: each after its length (4 bytes, big-endian). The reader takes nothing on trust.
 */
public final class Frames {
    private Frames() {}

    /** All parts, in order. */
    public static byte[] join(List<byte[]> parts) {
        int bytes = 0;
        for (byte[] part : parts) {
            bytes = Math.addExact(bytes, Math.addExact(4, part.length));
        }
        ByteBuffer joined = ByteBuffer.allocate(bytes);
        parts.forEach(part -> joined.putInt(part.length).put(part));
        return joined.array();
    }

    /**
     * The parts of what {@link #join} made.
     *
     * @throws MalformedException if this is not such a thing
     */
    public static List<byte[]> split(byte[] joined) throws MalformedException {
        ByteBuffer rest = ByteBuffer.wrap(joined);
        List<byte[]> parts = new ArrayList<>();
        while (rest.hasRemaining()) {
            int length = rest.remaining() < 4 ? -1 : rest.getInt();
            if (length < 0 || length > rest.remaining()) {
                throw new MalformedException("a length is impossible");
            }
            byte[] part = new byte[length];
            rest.get(part);
            parts.add(part);
        }
        return parts;
    }

    /**
     * Strict UTF-8: nothing is replaced by a question mark.
     *
     * @throws IllegalArgumentException if the text has half a surrogate pair
     */
    public static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text is not valid Unicode");
        }
    }

    /**
     * The text that {@link #utf8} wrote.
     *
     * @throws MalformedException if these bytes are not UTF-8
     */
    public static String text(byte[] utf8) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("not UTF-8");
        }
    }

    /** Bytes that are not what they should be. Says nothing of what they are. */
    public static final class MalformedException extends Exception {
        private final String what;

        /** What is wrong, without any of it. */
        public MalformedException(String what) {
            super(what);
            this.what = what;
        }

        /** What is wrong, in a few words. */
        public String what() {
            return what;
        }
    }
}
