package dev.coppice.crypto;

import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that must not be seen: without a printable form, compared in constant time, overwritten on close. Copies that
 * the virtual machine's collector made by itself are beyond reach. For one thread at a time.
 */
public final class SecretBytes implements AutoCloseable {
    /** What is done with lent bytes. */
    @FunctionalInterface
    public interface Action<T, E extends Exception> {
        T apply(byte[] lent) throws E;
    }

    private final byte[] bytes;
    private boolean closed;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Holds a copy; the caller wipes its own. */
    public static SecretBytes of(byte[] bytes) {
        return new SecretBytes(bytes.clone());
    }

    /** Holds {@code count} fresh random bytes. */
    public static SecretBytes random(RandomSource random, int count) {
        return new SecretBytes(random.bytes(count));
    }

    /**
     * What {@code action} makes of the bytes. They are lent: the action must neither keep nor change them.
     *
     * @throws IllegalStateException after close
     */
    public <T, E extends Exception> T use(Action<T, E> action) throws E {
        if (closed) {
            throw new IllegalStateException("Used after close");
        }
        return action.apply(bytes);
    }

    public int length() {
        return bytes.length;
    }

    /** Overwrites the bytes. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    /** Constant-time for equal lengths; a closed one equals only itself. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof SecretBytes that
                        && !closed
                        && !that.closed
                        && MessageDigest.isEqual(bytes, that.bytes));
    }

    /** The same for all, so that it says nothing. */
    @Override
    public int hashCode() {
        return SecretBytes.class.hashCode();
    }

    @Override
    public String toString() {
        return "SecretBytes";
    }
}
