package dev.coppice.simulator.fleet;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.agent.install.OwnFactors;
import dev.coppice.agent.install.Sharing;
import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.store.LedgerRefusedException;
import dev.coppice.agent.store.Releases;
import dev.coppice.agent.store.Spending;
import dev.coppice.agent.training.Classroom;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * One device, awake for one round: what an agent does with terms before anything is sent, by the agent's own classes over the
 * device's record. Use on one thread, once.
 */
final class DeviceTurn implements AutoCloseable {
    private final RoundContext context;
    private final Guest guest;
    private final DeviceRecord record;
    private final Ledger ledger;
    private final Releases releases;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // both are closed with this, and need no closing: nothing is open
    DeviceTurn(RoundContext context, Guest guest, DeviceRecord record) throws IOException {
        this.context = context;
        this.guest = guest;
        this.record = record;
        ledger = Ledger.over(record.ledgerLog(), record.ledger());
        releases = Releases.over(record.releasesLog(), record.releases());
    }

    /** What came of training. */
    @SuppressWarnings("ArrayRecordComponent") // handed on at once
    record Trained(float[] update, int steps, double loss) {}

    /** Terms that a device agrees to, and what they cost it. */
    record Agreed(NoisePlan noise, Spending spending) {}

    /** What the device insists on, whoever signed the terms. */
    Agreed judge(VerifiedTerms verified, Instant now) throws StayOutException, LedgerRefusedException {
        NoisePlan noise = context.rules().judge(verified);
        RoundTerms terms = verified.terms();
        if (ledger.hasEntered(terms.getRoundId())) {
            throw new StayOutException(Reason.ALREADY_ENTERED, "this device entered the round before");
        }
        Spending spending = new Spending(
                terms.getRoundId(),
                terms.getSkill(),
                guest.deviceId(),
                new Charge(noise.noiseMultiplier()),
                Instant.ofEpochMilli(terms.getOpenedEpochMillis()));
        ledger.affords(spending, context.budget().inAnyPeriod(), now);
        return new Agreed(noise, spending);
    }

    /** Trains for a round. */
    Trained train(RoundTerms terms, AdapterWeights candidate, List<Example> examples)
            throws IOException, InterruptedException, StayOutException {
        Classroom classroom = context.material().classroom();
        List<Example> usable = classroom.usable(examples);
        if (usable.size() < Math.max(1, terms.getTraining().getExamplesMin())) {
            throw new StayOutException(
                    Reason.TOO_FEW_EXAMPLES, usable.size() + " usable examples, the round wants more");
        }
        Sharing sharing = Sharing.of(terms, context.material().kit().layout(), new OwnFactors(record.factors()));
        AdapterWeights start = sharing.start(candidate);
        try {
            Classroom.Trained trained = classroom.train(
                    start,
                    sharing.held(),
                    usable,
                    terms.getTraining().getLocalSteps(),
                    terms.getTraining().getLearningRate(),
                    guest.random().fork("train"),
                    () -> true);
            sharing.keep(trained.weights());
            return new Trained(
                    sharing.update(start, trained.weights(), usable.size()), trained.steps(), trained.loss());
        } catch (EngineException e) {
            throw new StayOutException(Reason.TRAINING_FAILED, String.valueOf(e.getMessage()));
        }
    }

    Ledger ledger() {
        return ledger;
    }

    Releases releases() {
        return releases;
    }

    @Override
    public void close() throws IOException {
        ledger.close();
        releases.close();
    }
}
