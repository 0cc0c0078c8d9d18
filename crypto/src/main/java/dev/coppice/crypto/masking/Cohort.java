package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Roster;
import java.util.List;
import java.util.OptionalInt;

/**
 * Who takes part in a round, in the canonical order (ascending device id), with the graph between them. Immutable, and
 * the same again from the same terms and advertisements in any order.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class Cohort {
    public int size() {
        throw new UnsupportedOperationException();
    }

    public VerifiedTerms terms() {
        throw new UnsupportedOperationException();
    }

    public CohortParameters parameters() {
        throw new UnsupportedOperationException();
    }

    /** The index of a device; empty if it is not a member. */
    public OptionalInt findIndex(String deviceId) {
        throw new UnsupportedOperationException();
    }

    /**
     * The index of a member.
     *
     * @throws java.util.NoSuchElementException if the device is none
     */
    public int indexOf(String deviceId) {
        throw new UnsupportedOperationException();
    }

    public String deviceId(int index) {
        throw new UnsupportedOperationException();
    }

    public Advertisement advertisement(int index) {
        throw new UnsupportedOperationException();
    }

    /** Indices of a device's neighbours, ascending. */
    public List<Integer> neighbours(int index) {
        throw new UnsupportedOperationException();
    }

    /** What a device is shown of the cohort: the answer to R0. */
    public Roster roster(int index) {
        throw new UnsupportedOperationException();
    }
}
