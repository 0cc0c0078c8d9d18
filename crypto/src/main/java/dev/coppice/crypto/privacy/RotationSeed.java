package dev.coppice.crypto.privacy;

import java.util.Arrays;
import java.util.HexFormat;

/** The 32 public bytes from which a cohort derives the random signs of its rotation. Not a secret. */
public final class RotationSeed {
    /** How many bytes a seed has. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private RotationSeed(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The seed that is {@code bytes}.
     *
     * @param bytes 32 bytes, copied
     * @throws IllegalArgumentException if there are not 32
     */
    public static RotationSeed of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("A rotation seed has 32 bytes, not " + bytes.length);
        }
        return new RotationSeed(bytes.clone());
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RotationSeed seed && Arrays.equals(bytes, seed.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
