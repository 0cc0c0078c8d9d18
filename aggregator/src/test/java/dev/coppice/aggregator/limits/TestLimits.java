package dev.coppice.aggregator.limits;

import java.time.Duration;
import java.util.List;

/** Limits as they are without configuration, but for one thing. */
final class TestLimits {
    static final Duration HEAD = Duration.ofSeconds(10);
    static final Duration BODY = Duration.ofSeconds(10);
    static final Duration IDLE = Duration.ofSeconds(60);

    private TestLimits() {}

    static LimitSettings usual() {
        return behind("127.0.0.1");
    }

    static LimitSettings behind(String proxy) {
        return new LimitSettings(10, 100, 100, 1000, 256, List.of(proxy), HEAD, BODY, IDLE);
    }
}
