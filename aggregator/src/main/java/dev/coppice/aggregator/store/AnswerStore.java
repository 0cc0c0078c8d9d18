package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Optional;

/**
 * What operators were answered to requests that name a key. Every method is one transaction. For any number of threads and
 * processes.
 */
public interface AnswerStore {
    /**
     * A request and what it was answered.
     *
     * @param at when it was first seen, in whole milliseconds
     * @param status of the answer; 0 while there is none
     * @param sealed the answer's body, encrypted; empty while there is none
     */
    record StoredAnswer(
            String actor,
            String keySha256,
            String requestSha256,
            Instant at,
            int status,
            String contentType,
            ByteString sealed) {}

    /** Adds a request. @return false, with nothing changed, if this actor's key is there */
    boolean addAnswer(StoredAnswer answer);

    Optional<StoredAnswer> findAnswer(String actor, String keySha256);

    /** Replaces an answer. @return false, with nothing changed, if it has another time or status than {@code seen} by now */
    boolean replaceAnswer(StoredAnswer seen, StoredAnswer next);

    /** Forgets a request. */
    void forgetAnswer(String actor, String keySha256);

    /** Forgets all from before then. */
    void forgetAnswers(Instant before);
}
