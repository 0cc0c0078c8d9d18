package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;

/**
 * A task as it is kept.
 *
 * @param definition JSON as the operator sent it, checked
 * @param template a serialized {@code RoundTerms} of the next round, without what each round has for itself
 * @param candidateSha256 the adapter that the next round starts from
 * @param optimizerState of the server optimizer; empty before the first merge
 * @param buffer sums of rounds that wait to be merged together; empty where none do
 * @param version rises by one with each change
 */
public record StoredTask(
        String id,
        String population,
        String baseModelSha256,
        String definition,
        ByteString template,
        State state,
        String candidateSha256,
        ByteString optimizerState,
        ByteString buffer,
        long version) {
    /** Whether more rounds of a task open. One that is open goes on in any case, once devices have joined it. */
    public enum State {
        /** They do, when its schedule says so. */
        OPEN,
        /** Not until an operator resumes it. */
        PAUSED,
        /** Its rounds are used up, or its schedule is over. */
        COMPLETED,
        /** An operator ended it. */
        CANCELLED;

        public boolean isOver() {
            return this == COMPLETED || this == CANCELLED;
        }
    }

    /** After a round: its candidate, the optimizer's state, and the next round's template. */
    public StoredTask merged(String sha256, ByteString newOptimizerState, ByteString nextTemplate) {
        return new StoredTask(
                id,
                population,
                baseModelSha256,
                definition,
                nextTemplate,
                state,
                sha256,
                newOptimizerState,
                buffer,
                version + 1);
    }

    /** The same change of the task, with what waits after it. */
    public StoredTask withBuffer(ByteString waiting) {
        return new StoredTask(
                id,
                population,
                baseModelSha256,
                definition,
                template,
                state,
                candidateSha256,
                optimizerState,
                waiting,
                version);
    }

    public StoredTask in(State next) {
        return new StoredTask(
                id,
                population,
                baseModelSha256,
                definition,
                template,
                next,
                candidateSha256,
                optimizerState,
                buffer,
                version + 1);
    }
}
