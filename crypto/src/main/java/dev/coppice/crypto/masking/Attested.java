package dev.coppice.crypto.masking;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.Sample;
import java.util.BitSet;

/** A device that has signed whom it was told to be in the sum, and waits to see that others were told the same. */
public final class Attested implements AutoCloseable {
    private final Once once = new Once();
    private final DeviceRound round;
    private final Neighbourhood neighbourhood;
    private final HeldShares held;
    private final SurvivorView view;
    private final Attestation message;
    private boolean passedOn;

    Attested(DeviceRound round, Neighbourhood neighbourhood, HeldShares held, SurvivorView view, Attestation message) {
        this.round = round;
        this.neighbourhood = neighbourhood;
        this.held = held;
        this.view = view;
        this.message = message;
    }

    public Attestation message() {
        return message;
    }

    /** The SHA-256 that this round is remembered by, as far as this device was told the truth: see {@link Transcript}. */
    public byte[] transcript() {
        return Transcript.hash(round.terms().hash(), neighbourhood.root(), view.hash());
    }

    /**
     * Step R4, first half: checks that enough devices attested, and draws those whose attestations it wants to see. The
     * server has bound itself to all of them before.
     *
     * @throws RoundRefusedException if they are too few, or not in the sum; the shares are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Sampling sample(AttestationRoll roll) throws RoundRefusedException {
        once.use();
        try {
            BitSet attested = inGroup(SurvivorRules.set(roll.getAttested(), neighbourhood.cohortSize()));
            int[] drawn = RandomSubset.of(attested, AttestationRules.SAMPLES, round.random());
            Sample.Builder sample = Sample.newBuilder().setRoundId(round.terms().roundId());
            for (int index : drawn) {
                sample.addIndices(index);
            }
            Sampling sampling = new Sampling(round, neighbourhood, held, view, roll, sample.build());
            passedOn = true;
            return sampling;
        } finally {
            close();
        }
    }

    /** Those of the device's own group, which must be enough: the sums of others do not concern it. */
    private BitSet inGroup(BitSet attested) throws RoundRefusedException {
        BitSet strangers = (BitSet) attested.clone();
        strangers.andNot(view.masked());
        if (!strangers.isEmpty()) {
            throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "attested by devices that are not in the sum");
        }
        BitSet inGroup = neighbourhood.ring().in(attested);
        AttestationRules.requireEnough(inGroup.cardinality(), neighbourhood.parameters(), round.terms());
        return inGroup;
    }

    /** Wipes the shares, unless the next step has them. */
    @Override
    public void close() {
        once.close();
        if (!passedOn) {
            held.close();
        }
    }
}
