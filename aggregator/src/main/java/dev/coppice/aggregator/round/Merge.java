package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.adapters.merge.OptimizerState;
import dev.coppice.adapters.merge.ServerOptimizer;
import dev.coppice.aggregator.guard.Guards;
import dev.coppice.aggregator.round.GroupUnmasking.GroupSum;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredRound.Result;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.FactorTurn;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges the mean of a round's updates into the task's candidate, or has its figures told. */
final class Merge {
    private static final Logger LOG = LoggerFactory.getLogger(Merge.class);

    private final Store store;
    private final BlobStore blobs;
    private final RoundFacts facts;
    private final GroupUnmasking unmasking;
    private final Measurement measurement;
    private final ServerNoise noise;

    Merge(Store store, BlobStore blobs, RoundFacts facts, ServerNoise noise, Guards guards) {
        this.measurement = new Measurement(blobs, guards);
        this.store = store;
        this.blobs = blobs;
        this.facts = facts;
        this.noise = noise;
        this.unmasking = new GroupUnmasking(store, facts);
    }

    /**
     * Completes a round: what it made is on disk before the database names it, and the database changes whole or
     * not at all.
     *
     * @return false if round or task changed meanwhile, and nothing was changed here
     * @throws SharesMissingException if more devices must answer first
     * @throws UselessException if what there is cannot be merged
     */
    boolean complete(StoredRound round, StoredTask task)
            throws SharesMissingException, UselessException, RoundGoneException, IOException {
        VerifiedTerms terms = facts.terms(round);
        SumDecoder decoder = new SumDecoder(EncodingParameters.of(terms.terms().getEncoding()));
        List<GroupSum> sums = noised(terms, plausible(round, decoder, unmasking.sums(round)));
        return terms.terms().hasMetrics()
                ? measured(round, task, terms.terms(), decoder, sums)
                : merged(round, task, terms.terms(), decoder, sums);
    }

    private boolean measured(
            StoredRound round, StoredTask task, RoundTerms terms, SumDecoder decoder, List<GroupSum> sums)
            throws RoundGoneException, IOException {
        String sha256 = measurement.measured(task, terms, decoder, sums);
        return store.complete(
                round,
                round.completed(result(round, sha256, sums)),
                task,
                task.merged(task.candidateSha256(), task.optimizerState(), task.template()));
    }

    private boolean merged(
            StoredRound round, StoredTask task, RoundTerms terms, SumDecoder decoder, List<GroupSum> sums)
            throws UselessException, RoundGoneException, IOException {
        float[] mean = mean(decoder, sums);
        AdapterWeights before = Candidate.of(task, blobs);
        AdapterPart part = AdapterPart.of(
                before.layout(), FactorTerms.factors(terms.getTraining().getUploaded()));
        ServerOptimizer.Merged merged = optimizer(task)
                .merge(
                        part.of(before.toArray()),
                        mean,
                        OptimizerState.of(task.optimizerState().toByteArray()));
        float[] weights = merged.weights();
        requireFinite(weights);
        AdapterWeights after = finished(task, part.replaced(before, weights));
        String sha256 = blobs.put(Safetensors.write(after));
        return store.complete(
                round,
                round.completed(result(round, sha256, sums)),
                task,
                task.merged(sha256, ByteString.copyFrom(merged.state().toBytes()), nextTemplate(task, decoder, sums)));
    }

    private Result result(StoredRound round, String sha256, List<GroupSum> sums) throws RoundGoneException {
        byte[] survivors =
                Stored.parse(Signed.parser(), round.survivors()).getPayload().toByteArray();
        byte[] transcript = facts.cohort(round).transcriptHash(survivors);
        return new Result(
                sha256,
                sums.stream().mapToInt(GroupSum::devices).sum(),
                HexFormat.of().formatHex(transcript));
    }

    /** With this server's own noise, where the terms promise it: nothing is computed from sums without it. */
    private List<GroupSum> noised(VerifiedTerms terms, List<GroupSum> sums) {
        RoundTerms said = terms.terms();
        if (said.getPrivacy().getSource() != NoiseSource.SERVER) {
            return sums;
        }
        try {
            NoisePlan plan = NoisePlan.verify(said.getEncoding(), said.getPrivacy(), said.getCohort());
            synchronized (noise) {
                return sums.stream()
                        .map(sum -> sum.noised(noise, plan, terms.roundId()))
                        .toList();
            }
        } catch (PrivacyRefusedException e) {
            throw new IllegalStateException("Our own terms were planned before", e);
        }
    }

    /** The template with the clip norm that an adaptive clip goes on with. */
    private static ByteString nextTemplate(StoredTask task, SumDecoder decoder, List<GroupSum> sums) {
        RoundTerms template = Stored.parse(RoundTerms.parser(), task.template());
        if (!(clipping(task) instanceof Clipping.Adaptive adaptive)) {
            return task.template();
        }
        EncodingParameters encoding = EncodingParameters.of(template.getEncoding());
        double next = adaptive.next(encoding.clipNorm(), partWithinClipNorm(decoder, sums));
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

    /** Sums of updates that are of no use. */
    static final class UselessException extends Exception {
        private final AbortReason reason;

        UselessException(AbortReason reason) {
            this.reason = reason;
        }

        AbortReason reason() {
            return reason;
        }
    }

    /** Leaves out sums that a bad device spoilt beyond what any update can do. */
    private static List<GroupSum> plausible(StoredRound round, SumDecoder decoder, List<GroupSum> sums)
            throws UselessException {
        List<GroupSum> plausible = sums.stream()
                .filter(sum -> decoder.isPlausible(sum.values(), sum.devices()))
                .toList();
        if (plausible.size() < sums.size()) {
            LOG.warn(
                    "Round {}: {} of {} sums are none of honest devices'",
                    round.id(),
                    sums.size() - plausible.size(),
                    sums.size());
        }
        if (plausible.isEmpty()) {
            throw new UselessException(AbortReason.SUM_IMPLAUSIBLE);
        }
        return plausible;
    }

    private static float[] mean(SumDecoder decoder, List<GroupSum> sums) {
        double[] total = new double[decoder.updateDimension()];
        int devices = 0;
        for (GroupSum sum : sums) {
            float[] decoded = decoder.decode(sum.values());
            Arrays.setAll(total, i -> total[i] + decoded[i]);
            devices += sum.devices();
        }
        float[] mean = new float[total.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (total[i] / devices);
        }
        return mean;
    }

    private static double partWithinClipNorm(SumDecoder decoder, List<GroupSum> sums) {
        double within = 0;
        int devices = 0;
        for (GroupSum sum : sums) {
            within += sum.devices() * decoder.partWithinClipNorm(sum.values(), sum.devices());
            devices += sum.devices();
        }
        return within / devices;
    }

    /** What the merge rule makes of it. */
    private static AdapterWeights finished(StoredTask task, AdapterWeights applied) throws UselessException {
        try {
            return FactorTurn.stored(0, TaskJson.stored(task.definition()), applied.layout())
                    .finished(applied);
        } catch (MergeRefusedException e) {
            throw new UselessException(AbortReason.RESULT_NOT_FINITE);
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

    private static void requireFinite(float[] weights) throws UselessException {
        for (float weight : weights) {
            if (!Float.isFinite(weight)) {
                throw new UselessException(AbortReason.RESULT_NOT_FINITE);
            }
        }
    }
}
