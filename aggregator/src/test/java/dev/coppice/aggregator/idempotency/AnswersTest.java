package dev.coppice.aggregator.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.idempotency.Answers.Verdict;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A request is done once, and answered alike however often it is sent. */
class AnswersTest {
    private static final byte[] REQUEST = {1, 2, 3};
    private static final byte[] SECRET = "a token that nobody else may see".getBytes(StandardCharsets.UTF_8);

    private final MemoryStore store = new MemoryStore();
    private final ManualClock clock = ManualClock.atNewYear();
    private final Answers answers = answers(1);

    private Answers answers(int seed) {
        return new Answers(store, StorageKey.of(new byte[32], new SeededBytes(seed)::fill), clock);
    }

    private Verdict.Do first(String key) {
        return (Verdict.Do) answers.begin("ann", key, REQUEST);
    }

    @Test
    void theFirstIsDoneAndTheNextIsAnsweredTheSame() {
        answers.done(first("k").claim(), 200, "application/json", SECRET);
        for (int i = 0; i < 2; i++) {
            assertThat(answers(2).begin("ann", "k", REQUEST))
                    .isEqualTo(new Verdict.Again(200, "application/json", ByteString.copyFrom(SECRET)));
        }
    }

    @Test
    void anotherRequestUnderTheSameKeyIsNoneOfIt() {
        first("k");
        assertThat(answers.begin("ann", "k", new byte[] {1, 2})).isEqualTo(new Verdict.OtherRequest());
        assertThat(answers.begin("bob", "k", new byte[] {1, 2}))
                .as("everybody has keys of their own")
                .isInstanceOf(Verdict.Do.class);
        assertThat(answers.begin("ann", "l", new byte[] {1, 2})).isInstanceOf(Verdict.Do.class);
    }

    @Test
    void whatIsBeingDoneIsNotDoneTwiceUnlessItsProcessDied() {
        Verdict.Do claim = first("k");
        assertThat(answers.begin("ann", "k", REQUEST)).isEqualTo(new Verdict.InProgress());
        clock.advance(Duration.ofMinutes(1));
        assertThat(answers.begin("ann", "k", REQUEST)).isEqualTo(new Verdict.InProgress());
        clock.advance(Duration.ofMillis(1));
        assertThat(answers.begin("ann", "k", REQUEST)).isInstanceOf(Verdict.Do.class);
        assertThat(answers.begin("ann", "k", REQUEST)).isEqualTo(new Verdict.InProgress());
        answers.failed(claim.claim());
        assertThat(answers.begin("ann", "k", REQUEST)).as("nothing was done").isInstanceOf(Verdict.Do.class);
    }

    @Test
    void aDayLaterAKeyIsForgotten() {
        answers.done(first("k").claim(), 200, "application/json", SECRET);
        clock.advance(Duration.ofDays(1));
        answers.forgetOld();
        assertThat(answers.begin("ann", "k", REQUEST)).isInstanceOf(Verdict.Again.class);
        clock.advance(Duration.ofMillis(1));
        assertThat(answers.begin("ann", "k", REQUEST)).isInstanceOf(Verdict.Do.class);
        clock.advance(Duration.ofDays(2));
        answers.forgetOld();
        assertThat(store.findAnswer("ann", Sha256.hex("k".getBytes(StandardCharsets.UTF_8))))
                .isEmpty();
    }

    @Test
    void aLongAnswerIsNotKeptAndSaysSo() {
        answers.done(first("k").claim(), 200, "application/json", new byte[1_000_001]);
        assertThat(answers.begin("ann", "k", REQUEST)).isEqualTo(new Verdict.NotKept());
    }

    @Test
    void whoReadsTheDatabaseLearnsNeitherKeyNorAnswer() {
        answers.done(first("a key").claim(), 200, "application/json", SECRET);
        String stored = store.findAnswer("ann", Sha256.hex("a key".getBytes(StandardCharsets.UTF_8)))
                .orElseThrow()
                .sealed()
                .toString(StandardCharsets.ISO_8859_1);
        assertThat(stored).doesNotContain("token", "nobody");
        Answers others = new Answers(store, StorageKey.of(filled(), new SeededBytes(3)::fill), clock);
        assertThat(others.begin("ann", "a key", REQUEST)).as("another key").isEqualTo(new Verdict.NotKept());
    }

    private static byte[] filled() {
        byte[] secret = new byte[32];
        secret[0] = 1;
        return secret;
    }
}
