package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BiConsumer;

/**
 * Rounds and the messages of their steps. Every method is one transaction. For any number of threads and processes.
 */
public interface RoundStore {
    Optional<StoredRound> findRound(String roundId);

    /** All rounds of a task, ascending by number. */
    List<StoredRound> rounds(String taskId);

    /** All rounds that are not over. */
    List<StoredRound> openRounds();

    /**
     * Adds a round.
     *
     * @param openMax how many rounds of its task may be open, this one among them
     * @return false if the task has so many open rounds or one with this number, and nothing was changed
     */
    boolean open(StoredRound round, int openMax);

    /**
     * Offers a round to a device, unless too many others hold an offer of it that they have not taken up. A device that is
     * offered a round again holds one offer, and is not refused while it holds it.
     *
     * @param since offers from before then do not count any more
     * @param outstandingMax how many offers there may be that were not taken up, this one among them
     * @return false, with nothing changed, if there are so many
     */
    boolean offer(String roundId, String deviceId, Instant now, Instant since, int outstandingMax);

    /** How many offers of a round were made since then and not taken up. */
    int outstanding(String roundId, Instant since);

    /**
     * Stores a step's message, if the round is in the phase that takes it, and the device took all steps before. The
     * round cannot change its phase meanwhile.
     *
     * @param deviceMax devices that this step is taken from at most
     */
    Taken take(String roundId, Step step, String deviceId, ByteString message, int deviceMax);

    /**
     * The same for {@link Step#MASKED}; what is taken is also entered in the device's account, once, or neither is.
     *
     * @param part of the device in this round
     */
    Taken takeInput(String deviceId, SentBytes input, int deviceMax, LedgerStore.Part part);

    /** The steps that were taken from a device in a round; also after the round. */
    Set<Step> stepsOf(String roundId, String deviceId);

    /** The messages of a step by device; none once the round is over. */
    SortedMap<String, ByteString> messages(String roundId, Step step);

    /**
     * Shows the messages of a step with their devices one by one, in no order, so that they need not fit in memory
     * together; none once the round is over.
     *
     * @param reader must not call the store
     */
    void eachMessage(String roundId, Step step, BiConsumer<String, ByteString> reader);

    /** The devices that a step was taken from; also after the round. */
    Set<String> devices(String roundId, Step step);

    /**
     * Replaces a round by its next state. Where that is final, the round's messages are deleted for good.
     *
     * @return false, with nothing changed, unless the round still has the version and tally of {@code seen}
     */
    boolean advance(StoredRound seen, StoredRound next);

    /**
     * Replaces a round by its final state and its task by the merged one, and deletes the round's messages: all or
     * nothing.
     *
     * @return false, with nothing changed, unless the round still has the version and tally of {@code seen}, and the
     *     task the version of {@code seenTask}
     */
    boolean complete(StoredRound seen, StoredRound completed, StoredTask seenTask, StoredTask mergedTask);
}
