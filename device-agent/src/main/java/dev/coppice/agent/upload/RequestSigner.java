package dev.coppice.agent.upload;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.crypto.signing.SigningKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Signs a device's HTTP requests, each with a nonce of its own and the time as the aggregator has it. Thread-safe. */
public final class RequestSigner {
    private static final int NONCE_BYTES = 16;

    private final InstantSource clock;
    private final byte[] nonceSeed;
    private final AtomicLong nonces = new AtomicLong();
    private volatile Duration ahead = Duration.ZERO;

    /** @param random drawn from once; how often a device asks changes nothing else that is random */
    public RequestSigner(InstantSource clock, RandomSource random) {
        this.clock = clock;
        this.nonceSeed = random.bytes(NONCE_BYTES);
    }

    /** By how much the aggregator last said that its clock is ahead of this device's; zero if it never did. */
    public Duration aggregatorAhead() {
        return ahead;
    }

    /** Takes over what the aggregator said of its clock. Nothing but a request's own time is ever judged by it. */
    public void aggregatorIsAhead(Duration by) {
        ahead = by;
    }

    /** Milliseconds since the epoch, by the aggregator's clock as far as it is known. */
    public long epochMillis() {
        return clock.instant().plus(ahead).toEpochMilli();
    }

    /** 16 bytes that were never given before. */
    public byte[] nonce() {
        byte[] number = ByteBuffer.allocate(Long.BYTES)
                .putLong(nonces.incrementAndGet())
                .array();
        return Arrays.copyOf(Sha256.hash(nonceSeed, number), NONCE_BYTES);
    }

    /** The headers that sign a request to a path, as of now. */
    Map<String, String> headers(String deviceId, SigningKey key, String path, byte[] body) {
        return RequestSignature.sign(
                key,
                deviceId,
                clock.instant().plus(ahead),
                Base64.getEncoder().encodeToString(nonce()),
                new RequestSignature.Request("POST", path, body));
    }
}
