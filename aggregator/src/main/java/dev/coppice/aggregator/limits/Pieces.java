package dev.coppice.aggregator.limits;

/**
 * How finely a body is cut as it comes. Each piece is held with some hundred bytes of its own until the body is whole, which the
 * body's length, by which it was let in, does not say. For one thread.
 */
final class Pieces {
    private static final int FREE = 256;
    private static final int BYTES_MIN = 128;

    private long count;
    private long bytes;

    /** Takes note of one more piece. @return whether there are too many by now for what they bring */
    boolean areTooSmall(int pieceBytes) {
        count++;
        bytes += pieceBytes;
        return count > FREE + bytes / BYTES_MIN;
    }
}
