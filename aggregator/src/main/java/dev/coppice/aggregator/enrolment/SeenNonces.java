package dev.coppice.aggregator.enrolment;

import dev.coppice.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * Nonces of requests of late, in this process: tells a request that came before. Remembers each for a span of time at least, or
 * until as many others came as it holds. For any number of threads.
 */
final class SeenNonces {
    private final Duration span;
    private final int entriesMax;
    private Set<Long> young = new HashSet<>();
    private Set<Long> old = Set.of();
    private Instant turned = Instant.MIN;

    /** @param entriesMax kept for each of two spans, some 50 bytes each */
    SeenNonces(Duration span, int entriesMax) {
        this.span = span;
        this.entriesMax = entriesMax;
    }

    /** Remembers a device's nonce. @return false if it was seen before */
    boolean add(String deviceId, String nonce, Instant now) {
        byte[] hash = Sha256.hash((deviceId + " " + nonce).getBytes(StandardCharsets.UTF_8));
        return add(ByteBuffer.wrap(hash).getLong(), now);
    }

    private synchronized boolean add(long entry, Instant now) {
        if (young.size() >= entriesMax || !now.isBefore(turnsAt())) {
            old = young;
            young = new HashSet<>();
            turned = now;
        }
        return !old.contains(entry) && young.add(entry);
    }

    private Instant turnsAt() {
        return turned.equals(Instant.MIN) ? Instant.MIN : turned.plus(span);
    }
}
