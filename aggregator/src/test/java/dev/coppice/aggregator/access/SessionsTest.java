package dev.coppice.aggregator.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.testkit.ManualClock;
import io.micronaut.security.authentication.Authentication;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T08:00:00Z"));
    private final Sessions sessions = of(1);

    @AfterEach
    void close() {
        sessions.close();
    }

    @Test
    void aSessionTellsWhoItBelongsToAndWhatTheyMayDo() {
        Authentication who =
                sessions.find(sessions.begin("ann", List.of(Role.VIEWER))).orElseThrow();
        assertThat(who.getName()).isEqualTo("ann");
        assertThat(who.getRoles()).containsExactly(Role.VIEWER);
    }

    @Test
    void aSessionEndsAfterEightHours() {
        String session = sessions.begin("ann", Role.ALL);
        clock.advance(Sessions.LENGTH.minusSeconds(1));
        assertThat(sessions.find(session)).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(sessions.find(session)).isEmpty();
    }

    @Test
    void aSessionOfAnotherKeyOrWithAChangedByteIsNone() {
        String session = sessions.begin("ann", Role.ALL);
        try (Sessions others = of(2)) {
            assertThat(others.find(session)).isEmpty();
        }
        for (int i = 0; i < session.length() - 1; i += 7) {
            char other = session.charAt(i) == 'A' ? 'B' : 'A';
            String changed = session.substring(0, i) + other + session.substring(i + 1);
            assertThat(sessions.find(changed)).as("character %d", i).isEmpty();
        }
        assertThat(sessions.find("")).isEmpty();
    }

    @Test
    void anAttemptToLogInIsOverAfterTenMinutes() {
        try (LoginCookies attempts = new LoginCookies(key(1), clock)) {
            LoginAttempt attempt = new LoginAttempt("state", "nonce", "verifier");
            String token = attempts.token(attempt);
            clock.advance(LoginCookies.LENGTH.minusSeconds(1));
            assertThat(attempts.find(token)).contains(attempt);
            clock.advance(Duration.ofSeconds(1));
            assertThat(attempts.find(token)).isEmpty();
        }
    }

    private Sessions of(int seed) {
        return new Sessions(key(seed), clock);
    }

    private static SecretBytes key(int seed) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) seed);
        return SecretBytes.of(key);
    }
}
