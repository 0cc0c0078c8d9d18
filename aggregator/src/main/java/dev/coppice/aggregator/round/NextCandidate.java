package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.adapters.merge.GroupMean;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.adapters.merge.OptimizerState;
import dev.coppice.adapters.merge.RobustMerge;
import dev.coppice.adapters.merge.ServerOptimizer;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.FactorTurn;
import dev.coppice.aggregator.task.RobustMerging;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.RoundTerms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sums of a round's groups make of a task's candidate: decoded, merged, applied by the server optimizer, finished
 * by the merge rule. Pure.
 *
 * @param optimizerState of the server optimizer, for the next merge
 * @param template of the next round's terms
 */
public record NextCandidate(AdapterWeights weights, ByteString optimizerState, ByteString template) {
    private static final Logger LOG = LoggerFactory.getLogger(NextCandidate.class);

    /**
     * The candidate after a round.
     *
     * @param task before it
     * @param terms of the round
     * @param before what its devices started from
     * @param sums as {@link #usable} left them
     * @throws UselessException if nothing is to be made of these sums
     */
    public static NextCandidate of(StoredTask task, RoundTerms terms, AdapterWeights before, List<GroupSum> sums)
            throws UselessException {
        return of(task, terms, before, sums, RobustMerging.stored(TaskJson.stored(task.definition())));
    }

    /**
     * The same with another merge of the groups than the task's.
     *
     * @param robust empty: by their mean
     */
    public static NextCandidate of(
            StoredTask task, RoundTerms terms, AdapterWeights before, List<GroupSum> sums, Optional<RobustMerge> robust)
            throws UselessException {
        TaskDefinition definition = TaskJson.stored(task.definition());
        SumDecoder decoder = new SumDecoder(EncodingParameters.of(terms.getEncoding()));
        OptionalDouble within = clipping(definition) instanceof Clipping.Adaptive
                ? OptionalDouble.of(partWithinClipNorm(decoder, sums))
                : OptionalDouble.empty();
        return of(task, terms, before, update(robust, decoder, sums), within);
    }

    /**
     * The same from one update that was already made of all.
     *
     * @param update of the factors that the round's devices uploaded
     * @param within part of the devices whose update was within the clip norm; empty if they did not tell
     */
    public static NextCandidate of(
            StoredTask task, RoundTerms terms, AdapterWeights before, float[] update, OptionalDouble within)
            throws UselessException {
        TaskDefinition definition = TaskJson.stored(task.definition());
        AdapterPart part = AdapterPart.of(
                before.layout(), FactorTerms.factors(terms.getTraining().getUploaded()));
        ServerOptimizer.Merged merged = optimizer(definition)
                .merge(
                        part.of(before.toArray()),
                        update,
                        OptimizerState.of(task.optimizerState().toByteArray()));
        float[] weights = merged.weights();
        requireFinite(weights);
        return new NextCandidate(
                finished(definition, part.replaced(before, weights)),
                ByteString.copyFrom(merged.state().toBytes()),
                template(task, definition, within));
    }

    /**
     * Those sums that honest devices could have made, with this server's own noise where the terms promise it: nothing is
     * computed from sums without it.
     *
     * @throws UselessException if there is none
     */
    public static List<GroupSum> usable(RoundTerms terms, List<GroupSum> sums, ServerNoise noise)
            throws UselessException {
        List<GroupSum> plausible =
                plausible(terms.getRoundId(), new SumDecoder(EncodingParameters.of(terms.getEncoding())), sums);
        if (terms.getPrivacy().getSource() != NoiseSource.SERVER) {
            return plausible;
        }
        try {
            NoisePlan plan = NoisePlan.verify(terms.getEncoding(), terms.getPrivacy(), terms.getCohort());
            synchronized (noise) {
                return plausible.stream()
                        .map(sum -> sum.noised(noise, plan, terms.getRoundId()))
                        .toList();
            }
        } catch (PrivacyRefusedException e) {
            throw new IllegalStateException("Our own terms were planned before", e);
        }
    }

    /** Leaves out sums that a bad device spoilt beyond what any update can do. */
    private static List<GroupSum> plausible(String roundId, SumDecoder decoder, List<GroupSum> sums)
            throws UselessException {
        List<GroupSum> plausible = sums.stream()
                .filter(sum -> decoder.isPlausible(sum.values(), sum.devices()))
                .toList();
        if (plausible.size() < sums.size()) {
            LOG.warn(
                    "Round {}: {} of {} sums are none of honest devices'",
                    roundId,
                    sums.size() - plausible.size(),
                    sums.size());
        }
        if (plausible.isEmpty()) {
            throw new UselessException(AbortReason.SUM_IMPLAUSIBLE);
        }
        return plausible;
    }

    /** The template with the clip norm that an adaptive clip goes on with. */
    private static ByteString template(StoredTask task, TaskDefinition definition, OptionalDouble within) {
        if (within.isEmpty() || !(clipping(definition) instanceof Clipping.Adaptive adaptive)) {
            return task.template();
        }
        RoundTerms template = NextTerms.template(task);
        EncodingParameters encoding = EncodingParameters.of(template.getEncoding());
        double next = adaptive.next(encoding.clipNorm(), within.getAsDouble());
        return template.toBuilder()
                .setEncoding(encoding.withClipNorm(next).toMessage())
                .build()
                .toByteString();
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

    private static Clipping clipping(TaskDefinition task) {
        try {
            return TaskJson.clipping(task);
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    /**
     * One update out of the sums, merged as the task has it.
     *
     * @param sums as {@link #usable} left them
     * @throws UselessException if they are too few
     */
    static float[] update(StoredTask task, RoundTerms terms, List<GroupSum> sums) throws UselessException {
        return update(
                RobustMerging.stored(TaskJson.stored(task.definition())),
                new SumDecoder(EncodingParameters.of(terms.getEncoding())),
                sums);
    }

    /** One update out of the sums: their mean, unless the task says otherwise. */
    private static float[] update(Optional<RobustMerge> robust, SumDecoder decoder, List<GroupSum> sums)
            throws UselessException {
        if (robust.isEmpty()) {
            return mean(decoder, sums);
        }
        try {
            return robust.get().merge(means(decoder, sums));
        } catch (MergeRefusedException e) {
            LOG.warn("Not merged: {}", e.getMessage());
            throw new UselessException(AbortReason.TOO_FEW_GROUPS);
        }
    }

    private static List<GroupMean> means(SumDecoder decoder, List<GroupSum> sums) {
        List<GroupMean> means = new ArrayList<>();
        for (GroupSum sum : sums) {
            means.add(new GroupMean(mean(decoder, List.of(sum)), sum.devices()));
        }
        return means;
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

    /** What the merge rule makes of it. */
    private static AdapterWeights finished(TaskDefinition task, AdapterWeights applied) throws UselessException {
        try {
            return FactorTurn.stored(0, task, applied.layout()).finished(applied);
        } catch (MergeRefusedException e) {
            throw new UselessException(AbortReason.RESULT_NOT_FINITE);
        }
    }

    private static ServerOptimizer optimizer(TaskDefinition task) {
        try {
            return new ServerOptimizer(TaskJson.optimizer(task.serverOptimizer()));
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
