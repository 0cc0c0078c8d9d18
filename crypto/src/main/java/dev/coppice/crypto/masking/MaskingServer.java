package dev.coppice.crypto.masking;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The server's side of a round: pure functions over stored messages, so that any replica can go on from what is stored.
 * Holds no secret. The signature of each request is checked before, by the caller.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class MaskingServer {
    private MaskingServer() {}

    /**
     * The advertisement, fit to be shown to others: for this round, certified, signed, and without unknown fields.
     *
     * @param now the moment that the certificate must be valid at
     */
    public static Advertisement checked(
            VerifiedTerms terms, Advertisement message, VerifyingKey enrolmentAuthority, Instant now)
            throws MessageRefusedException {
        throw new UnsupportedOperationException();
    }

    /**
     * The cohort of checked advertisements, in any order.
     *
     * @throws CohortRefusedException if there are too few or too many, two of one device or key, or no safe graph
     */
    public static Cohort cohort(VerifiedTerms terms, List<Advertisement> advertisements) throws CohortRefusedException {
        throw new UnsupportedOperationException();
    }

    /** The bundle, with one well-formed and signed share for each neighbour of {@code sender}. */
    public static ShareBundle checked(Cohort cohort, int sender, ShareBundle message) throws MessageRefusedException {
        throw new UnsupportedOperationException();
    }

    /**
     * The answer to R1 for one recipient.
     *
     * @param bundles of all devices that completed R1, in any order
     */
    public static ShareInbox inbox(Cohort cohort, int recipient, Collection<ShareBundle> bundles) {
        throw new UnsupportedOperationException();
    }

    /**
     * Who is in the sum; to be signed with {@code Purpose.SURVIVORS}.
     *
     * @param shared indices that completed R1
     * @param masked indices that completed R2, all in {@code shared}
     * @throws CohortRefusedException if honest devices would refuse it: the round must be abandoned
     */
    public static Survivors survivors(Cohort cohort, BitSet shared, BitSet masked) throws CohortRefusedException {
        throw new UnsupportedOperationException();
    }

    /** The unmasking, with one share of the right kind for each neighbour of {@code sender} that completed R1. */
    public static Unmasking checked(Cohort cohort, Survivors survivors, int sender, Unmasking message)
            throws MessageRefusedException {
        throw new UnsupportedOperationException();
    }

    /**
     * The sum of the survivors' inputs, each value mod {@code 2^bits}. Shares that do not fit are left out and others
     * tried, as long as there are any. {@code sum} is unchanged.
     *
     * @param sum of the masked inputs of exactly {@code survivors.masked}
     * @param unmaskings checked ones by the index of their sender
     * @throws SharesMissingException if there are too few good shares
     */
    public static int[] unmask(Cohort cohort, Survivors survivors, MaskedSum sum, Map<Integer, Unmasking> unmaskings)
            throws SharesMissingException {
        throw new UnsupportedOperationException();
    }
}
