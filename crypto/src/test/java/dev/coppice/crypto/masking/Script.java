package dev.coppice.crypto.masking;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.Arrays;
import java.util.Random;

/** What is to happen next, byte by byte: a fuzzer's, or a seed's. */
final class Script {
    private final byte[] bytes;
    private int used;

    Script(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** So many bytes of a seed. */
    static Script of(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return new Script(bytes);
    }

    boolean goesOn() {
        return used < bytes.length;
    }

    /** 0 to {@code bound - 1}, by one byte where that is enough; 0 at the end. */
    int below(int bound) {
        int drawn = 0;
        for (int reach = 1; reach < bound; reach <<= Byte.SIZE) {
            drawn = drawn << Byte.SIZE | (goesOn() ? bytes[used++] & 0xff : 0);
        }
        return drawn % bound;
    }

    /** As it is, or with bytes changed, cut off or doubled; what is no message then is left as it is. */
    <M extends MessageLite> M maybeSpoilt(Parser<M> parser, M genuine) {
        byte[] whole = genuine.toByteArray();
        byte[] spoilt = switch (below(6)) {
            case 0 -> Arrays.copyOf(whole, below(whole.length + 1));
            case 1 -> doubled(whole);
            case 2 -> changed(whole);
            default -> whole;
        };
        try {
            return parser.parseFrom(spoilt);
        } catch (InvalidProtocolBufferException malformed) {
            return genuine;
        }
    }

    private static byte[] doubled(byte[] whole) {
        byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
        System.arraycopy(whole, 0, twice, whole.length, whole.length);
        return twice;
    }

    private byte[] changed(byte[] whole) {
        byte[] changed = whole.clone();
        for (int i = below(4); i >= 0 && whole.length > 0; i--) {
            changed[below(whole.length)] = (byte) below(256);
        }
        return changed;
    }
}
