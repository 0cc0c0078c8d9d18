package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.merge.OptimizerState;
import dev.coppice.adapters.merge.ServerOptimizer;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.Fault;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.masking.UnmaskedSum;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the masks off a sum, and merges the mean of the updates into the task's candidate. */
final class Merge {
    private static final Logger LOG = LoggerFactory.getLogger(Merge.class);

    private final Store store;
    private final BlobStore blobs;
    private final RoundFacts facts;

    Merge(Store store, BlobStore blobs, RoundFacts facts) {
        this.store = store;
        this.blobs = blobs;
        this.facts = facts;
    }

    /**
     * Completes a round: the new candidate is on disk before the database names it, and the database changes whole or
     * not at all.
     *
     * @return false if round or task changed meanwhile, and nothing was changed here
     * @throws SharesMissingException if more devices must answer first
     * @throws NotFiniteException if the sum cannot be merged
     */
    boolean complete(StoredRound round, StoredTask task)
            throws SharesMissingException, NotFiniteException, RoundGoneException, IOException {
        VerifiedTerms terms = facts.terms(round);
        SumDecoder decoder = new SumDecoder(EncodingParameters.of(terms.terms().getEncoding()));
        int[] total = total(round, terms);
        int devices = round.tally().masked();
        float[] mean = mean(decoder.decode(total), devices);
        AdapterWeights before = candidate(task);
        ServerOptimizer.Merged merged = optimizer(task)
                .merge(
                        before.toArray(),
                        mean,
                        OptimizerState.of(task.optimizerState().toByteArray()));
        float[] weights = merged.weights();
        requireFinite(weights);
        String sha256 = blobs.put(Safetensors.write(AdapterWeights.of(before.layout(), weights)));
        return store.complete(
                round,
                round.completed(sha256),
                task,
                task.merged(
                        sha256,
                        ByteString.copyFrom(merged.state().toBytes()),
                        nextTemplate(task, decoder, total, devices)));
    }

    /** The template with the clip norm that an adaptive clip goes on with. */
    private static ByteString nextTemplate(StoredTask task, SumDecoder decoder, int[] total, int devices) {
        RoundTerms template = Stored.parse(RoundTerms.parser(), task.template());
        if (!(clipping(task) instanceof Clipping.Adaptive adaptive)) {
            return task.template();
        }
        EncodingParameters encoding = EncodingParameters.of(template.getEncoding());
        double next = adaptive.next(encoding.clipNorm(), decoder.partWithinClipNorm(total, devices));
        return template.toBuilder()
                .setEncoding(encoding.withClipNorm(next).toMessage())
                .build()
                .toByteString();
    }

    private static Clipping clipping(StoredTask task) {
        try {
            return TaskJson.clipping(TaskJson.stored(task.definition()));
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    /** A sum of updates that is of no use: its values are not finite. */
    static final class NotFiniteException extends Exception {}

    private int[] total(StoredRound round, VerifiedTerms terms) throws SharesMissingException, RoundGoneException {
        Cohort cohort = facts.cohort(round);
        Survivors survivors = Stored.parse(
                Survivors.parser(),
                Stored.parse(Signed.parser(), round.survivors()).getPayload());
        UnmaskedSum unmasked = MaskingServer.unmask(
                cohort, facts.shares(round), survivors, sum(round, terms), unmaskings(round, cohort));
        unmasked.faults().forEach(fault -> LOG.warn("Round {}: {}", round.id(), told(cohort, fault)));
        return unmasked.values();
    }

    private static float[] mean(float[] sum, int devices) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= devices;
        }
        return sum;
    }

    /** A fault in words: devices by their ids, and nothing of what they sent. */
    static String told(Cohort cohort, Fault fault) {
        return "device %s: %s, about %s"
                .formatted(cohort.deviceId(fault.device()), fault.kind(), cohort.deviceId(fault.other()));
    }

    private MaskedSum sum(StoredRound round, VerifiedTerms terms) throws RoundGoneException {
        MaskedSum sum = new MaskedSum(terms);
        store.eachMessage(round.id(), Step.MASKED, message -> add(sum, message));
        if (sum.count() != round.tally().masked()) {
            throw new RoundGoneException(round.id());
        }
        return sum;
    }

    private static void add(MaskedSum sum, ByteString message) {
        try {
            sum.add(Stored.parse(MaskedInput.parser(), message));
        } catch (MessageRefusedException e) {
            throw new IllegalStateException("A stored masked input was checked before", e);
        }
    }

    private Map<Integer, Unmasking> unmaskings(StoredRound round, Cohort cohort) {
        Map<Integer, Unmasking> unmaskings = new HashMap<>();
        store.messages(round.id(), Step.UNMASK)
                .forEach((device, message) ->
                        unmaskings.put(cohort.indexOf(device), Stored.parse(Unmasking.parser(), message)));
        return unmaskings;
    }

    private AdapterWeights candidate(StoredTask task) throws IOException {
        try {
            return Safetensors.read(blobs.read(task.candidateSha256()));
        } catch (FormatRefusedException e) {
            throw new IOException("The candidate of task " + task.id() + " is no adapter", e);
        }
    }

    private static ServerOptimizer optimizer(StoredTask task) {
        try {
            return new ServerOptimizer(
                    TaskJson.optimizer(TaskJson.stored(task.definition()).serverOptimizer()));
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    private static void requireFinite(float[] weights) throws NotFiniteException {
        for (float weight : weights) {
            if (!Float.isFinite(weight)) {
                throw new NotFiniteException();
            }
        }
    }
}
