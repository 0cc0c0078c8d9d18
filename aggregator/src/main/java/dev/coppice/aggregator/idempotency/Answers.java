package dev.coppice.aggregator.idempotency;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AnswerStore;
import dev.coppice.aggregator.store.AnswerStore.StoredAnswer;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.sealing.SealBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What operators were answered, for a day, by a key that each request names (Idempotency-Key; IETF
 * draft-ietf-httpapi-idempotency-key-header). Keys are kept by their hash, and answers encrypted, since some hold secrets. For any
 * number of threads and processes.
 */
public final class Answers implements AutoCloseable {
    /** Longest key, in characters. */
    public static final int KEY_CHARS_MAX = 200;

    private static final Duration KEPT = Duration.ofDays(1);

    /** After so long nobody works at a request any more: its process has died. */
    private static final Duration WORKED_AT = Duration.ofMinutes(1);

    /** Longer answers are not kept. */
    private static final int BODY_BYTES_MAX = 1_000_000;

    private static final ByteString NONE = ByteString.EMPTY;

    private final AnswerStore store;
    private final StorageKey key;
    private final InstantSource clock;

    /** @param key closed with this */
    public Answers(AnswerStore store, StorageKey key, InstantSource clock) {
        this.store = store;
        this.key = key;
        this.clock = clock;
    }

    /** What becomes of a request. */
    public sealed interface Verdict {
        /** It is the first of its key: to be done, and then to be {@link #done}. */
        record Do(StoredAnswer claim) implements Verdict {}

        /** It was done, and answered so. */
        record Again(int status, String contentType, ByteString body) implements Verdict {}

        /** The key was another request's. */
        record OtherRequest() implements Verdict {}

        /** The same request is being worked at. */
        record InProgress() implements Verdict {}

        /** It was done; the answer was too long to be kept. */
        record NotKept() implements Verdict {}
    }

    /**
     * Judges a request, and takes it on if it is the first of its key.
     *
     * @param request that the key is for: method, path and body
     */
    public Verdict begin(String actor, String idempotencyKey, byte[] request) {
        String keySha256 = Sha256.hex(idempotencyKey.getBytes(StandardCharsets.UTF_8));
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        StoredAnswer claim = new StoredAnswer(actor, keySha256, Sha256.hex(request), now, 0, "", NONE);
        while (true) {
            if (store.addAnswer(claim)) {
                return new Verdict.Do(claim);
            }
            Optional<StoredAnswer> before = store.findAnswer(actor, keySha256);
            if (before.isPresent()) {
                Optional<Verdict> verdict = judge(before.get(), claim);
                if (verdict.isPresent()) {
                    return verdict.get();
                }
            } // it was forgotten in between, or another took it over
        }
    }

    private Optional<Verdict> judge(StoredAnswer before, StoredAnswer claim) {
        boolean isOld =
                before.at().plus(before.status() == 0 ? WORKED_AT : KEPT).isBefore(claim.at());
        if (isOld) {
            return store.replaceAnswer(before, claim) ? Optional.of(new Verdict.Do(claim)) : Optional.empty();
        }
        if (!before.requestSha256().equals(claim.requestSha256())) {
            return Optional.of(new Verdict.OtherRequest());
        }
        if (before.status() == 0) {
            return Optional.of(new Verdict.InProgress());
        }
        return Optional.of(before.sealed().isEmpty() ? new Verdict.NotKept() : again(before));
    }

    private Verdict again(StoredAnswer before) {
        try {
            byte[] body = key.open(name(before), 0, before.sealed().toByteArray());
            return new Verdict.Again(before.status(), before.contentType(), ByteString.copyFrom(body));
        } catch (SealBrokenException e) {
            return new Verdict.NotKept(); // by another key, or changed
        }
    }

    /** Keeps what a request was answered. */
    public void done(StoredAnswer claim, int status, String contentType, byte[] body) {
        ByteString sealed = body.length > BODY_BYTES_MAX ? NONE : ByteString.copyFrom(key.seal(name(claim), 0, body));
        boolean kept = store.replaceAnswer(
                claim,
                new StoredAnswer(
                        claim.actor(),
                        claim.keySha256(),
                        claim.requestSha256(),
                        claim.at(),
                        status,
                        contentType,
                        sealed));
        if (!kept) {
            throw new IllegalStateException("A request took longer than anybody works at one");
        }
    }

    /** Nothing was done: the key is free. */
    public void failed(StoredAnswer claim) {
        store.forgetAnswer(claim.actor(), claim.keySha256());
    }

    /** Forgets what is older than a day. */
    public void forgetOld() {
        store.forgetAnswers(clock.instant().minus(KEPT));
    }

    private static String name(StoredAnswer answer) {
        return "answer/" + answer.actor() + "/" + answer.keySha256();
    }

    @Override
    public void close() {
        key.close();
    }
}
