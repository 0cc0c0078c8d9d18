package dev.coppice.agent.upload;

import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.store.LedgerRefusedException;
import dev.coppice.agent.store.Releases;
import dev.coppice.agent.store.SeenRounds.Seen;
import dev.coppice.agent.store.Spending;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.Attested;
import dev.coppice.crypto.masking.Masked;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.Sampling;
import dev.coppice.crypto.masking.Shared;
import dev.coppice.crypto.masking.Unmasked;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RoundReply;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HexFormat;

/**
 * One device's way through one round, once: advertise, share, send the masked update, attest, unmask. The update leaves only
 * clipped, noised and masked, and only after the ledger was charged. Use on one thread, once.
 */
public final class RoundVisit {
    private final RoundCalls calls;
    private final Ledger ledger;
    private final Releases releases;
    private final Memory seen;
    private final PeriodBudget budget;
    private final InstantSource clock;
    private final Draws draws;
    private Step step = Step.ADVERTISE;

    /**
     * @param calls to this round
     * @param releases where it is noted that shares of others' secrets were given away
     * @param seen where it is noted what the device was shown of the round
     * @param budget the device's own
     */
    public RoundVisit(
            RoundCalls calls,
            Ledger ledger,
            Releases releases,
            Memory seen,
            PeriodBudget budget,
            InstantSource clock,
            Draws draws) {
        this.releases = releases;
        this.seen = seen;
        this.calls = calls;
        this.ledger = ledger;
        this.budget = budget;
        this.clock = clock;
        this.draws = draws;
    }

    /** Keeps what the device was shown of a round, durably. */
    @FunctionalInterface
    public interface Memory {
        /**
         * Keeps what was shown of one round, before the attestation of it leaves.
         *
         * @param seen what is attested
         */
        void keep(String roundId, Seen seen) throws IOException;
    }

    /**
     * What is random in a visit. Both may be the same.
     *
     * @param keys of keys and masks
     * @param noise of rounding and noise
     */
    public record Draws(RandomSource keys, RandomSource noise) {}

    /** The step that is being taken, or was when the visit ended. */
    public Step step() {
        return step;
    }

    /**
     * Takes all steps.
     *
     * @param noise recomputed from these terms
     * @param spending what these terms cost
     * @param member this device
     * @param peers as the device deals with the others of the cohort
     * @param server key of the aggregator
     * @param update of {@code noise.encoding().dimension()} values
     * @throws RoundOverException if the round ended or went on without this device
     * @throws RoundRefusedException if the aggregator broke the protocol; nothing more is revealed to it
     * @throws LedgerRefusedException if the round was entered or charged before, or is over budget
     * @throws IOException if the aggregator could not be reached, or a store not written
     */
    public void take(
            VerifiedTerms terms,
            NoisePlan noise,
            Spending spending,
            Member member,
            Peers peers,
            VerifyingKey server,
            float[] update)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException, RoundRefusedException,
                    LedgerRefusedException {
        ledger.enter(terms.terms().getRoundId());
        try (Advertised advertised = MaskingClient.advertise(terms, member, peers, clock.instant(), draws.keys())) {
            Roster roster = roster(advertised);
            step = Step.SHARES;
            try (Shared shared = advertised.share(roster)) {
                RoundReply inbox = calls.send("shares", Purpose.SHARES, shared.message(), Poll.Step.INBOX);
                step = Step.MASKED_INPUT;
                int[] encoded = new UpdateEncoder(noise.encoding()).encode(update, draws.noise());
                try (Masked masked = shared.mask(inbox.getInbox(), encoded)) {
                    Ledger.Receipt paid = ledger.charge(spending, budget, clock.instant());
                    Signed survivors = sendMasked(paid, masked.message());
                    step = Step.ATTEST;
                    try (Attested attested = masked.attest(survivors, server)) {
                        seen.keep(terms.terms().getRoundId(), new Seen(hex(terms.hash()), hex(attested.transcript())));
                        unmask(attested);
                    }
                }
            }
        }
    }

    /** Where the server asks for the nonce first, it is opened once: an answer that asks again is no roster. */
    private Roster roster(Advertised advertised)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException,
                    RoundRefusedException {
        RoundReply reply = calls.send("advertise", Purpose.ADVERTISE, advertised.message(), Poll.Step.ROSTER);
        if (reply.hasClosed()) {
            NonceOpening opening = advertised.open(reply.getClosed());
            reply = calls.send("open", Purpose.OPEN, opening, Poll.Step.ROSTER);
        }
        return reply.getRoster();
    }

    private void unmask(Attested attested)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException,
                    RoundRefusedException {
        RoundReply roll = calls.send("attest", Purpose.ATTEST, attested.message(), Poll.Step.ATTESTATIONS);
        step = Step.UNMASK;
        try (Sampling sampling = attested.sample(roll.getAttestations())) {
            Unmasked unmasked = sampling.unmask(calls.openings(sampling.message()));
            releases.remember(unmasked.message().getRoundId());
            calls.sendLast("unmask", Purpose.UNMASK, unmasked.message());
        }
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }

    private Signed sendMasked(Ledger.Receipt paid, MaskedInput input)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException {
        if (!paid.roundId().equals(input.getRoundId())) {
            throw new IllegalStateException("another round was charged");
        }
        return calls.send("masked", Purpose.MASKED_INPUT, input, Poll.Step.SURVIVORS)
                .getSurvivors();
    }
}
