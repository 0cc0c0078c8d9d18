package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;

/**
 * A task as it is kept.
 *
 * @param definition JSON as the operator sent it, checked
 * @param template a serialized {@code RoundTerms} of the next round, without what each round has for itself
 * @param finished whether all its rounds are used up
 * @param candidateSha256 the adapter that the next round starts from
 * @param optimizerState of the server optimizer; empty before the first merge
 * @param version rises by one with each change
 */
public record StoredTask(
        String id,
        String population,
        String baseModelSha256,
        String definition,
        ByteString template,
        boolean finished,
        String candidateSha256,
        ByteString optimizerState,
        long version) {
    /** After a round: its candidate, the optimizer's state, and the next round's template. */
    public StoredTask merged(String sha256, ByteString state, ByteString nextTemplate) {
        return new StoredTask(
                id, population, baseModelSha256, definition, nextTemplate, finished, sha256, state, version + 1);
    }

    public StoredTask end() {
        return new StoredTask(
                id,
                population,
                baseModelSha256,
                definition,
                template,
                true,
                candidateSha256,
                optimizerState,
                version + 1);
    }
}
