package dev.coppice.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;

/**
 * Reads protobuf messages from bytes of unknown origin. What parses is well formed and within the limit, no more:
 * ranges and signatures are the reader's to check.
 */
public final class Messages {
    /** Our messages nest at most five deep; the library's default of 100 only helps an attacker. */
    private static final int DEPTH_MAX = 10;

    private Messages() {}

    /**
     * The message that {@code bytes} encode, all of them.
     *
     * @param bytesMax more bytes than this are refused before any is read
     * @throws MessageMalformedException if they are too many, or encode no such message
     */
    public static <M extends MessageLite> M parse(Parser<M> parser, byte[] bytes, int bytesMax)
            throws MessageMalformedException {
        checkLength(bytes.length, bytesMax);
        return read(parser, CodedInputStream.newInstance(bytes));
    }

    /** As {@link #parse(Parser, byte[], int)}, without copying: fields of bytes in the message are parts of {@code bytes}. */
    public static <M extends MessageLite> M parse(Parser<M> parser, ByteString bytes, int bytesMax)
            throws MessageMalformedException {
        checkLength(bytes.size(), bytesMax);
        CodedInputStream input = bytes.newCodedInput();
        input.enableAliasing(true);
        return read(parser, input);
    }

    private static void checkLength(int length, int bytesMax) throws MessageMalformedException {
        if (length > bytesMax) {
            throw new MessageMalformedException("%d bytes where at most %d are allowed".formatted(length, bytesMax));
        }
    }

    private static <M extends MessageLite> M read(Parser<M> parser, CodedInputStream input)
            throws MessageMalformedException {
        input.setRecursionLimit(DEPTH_MAX);
        try {
            M message = parser.parseFrom(input);
            input.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException malformed) {
            // The library's text may quote a field: say only that it did not parse.
            throw new MessageMalformedException("Not the expected message");
        }
    }
}
