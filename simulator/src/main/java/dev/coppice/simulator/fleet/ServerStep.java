package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.adapters.merge.OptimizerState;
import dev.coppice.adapters.merge.ServerOptimizer;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.FactorTurn;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.task.TaskRefusedException;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the aggregator makes of a mean, where there were no masks to take off: the same as its {@code round.Merge}, to the bit,
 * which a test sees to.
 */
final class ServerStep {
    private final BlobStore blobs;

    ServerStep(BlobStore blobs) {
        this.blobs = blobs;
    }

    /**
     * The task after a round.
     *
     * @param before what the round started from
     * @param mean of the updates
     * @param within part of the devices whose update was within the clip norm, where they tell
     * @return empty if what comes out is not finite
     */
    Optional<StoredTask> after(
            StoredTask task, RoundTerms terms, AdapterWeights before, float[] mean, OptionalDouble within)
            throws IOException {
        TaskDefinition definition = TaskJson.stored(task.definition());
        AdapterPart part = AdapterPart.of(
                before.layout(), FactorTerms.factors(terms.getTraining().getUploaded()));
        try {
            ServerOptimizer.Merged merged = new ServerOptimizer(TaskJson.optimizer(definition.serverOptimizer()))
                    .merge(
                            part.of(before.toArray()),
                            mean,
                            OptimizerState.of(task.optimizerState().toByteArray()));
            float[] weights = merged.weights();
            for (float weight : weights) {
                if (!Float.isFinite(weight)) {
                    return Optional.empty();
                }
            }
            AdapterWeights after =
                    FactorTurn.stored(0, definition, before.layout()).finished(part.replaced(before, weights));
            return Optional.of(task.merged(
                    blobs.put(Safetensors.write(after)),
                    ByteString.copyFrom(merged.state().toBytes()),
                    template(task, definition, within)));
        } catch (MergeRefusedException e) {
            return Optional.empty();
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("the task was checked before", e);
        }
    }

    private static ByteString template(StoredTask task, TaskDefinition definition, OptionalDouble within)
            throws TaskRefusedException {
        if (within.isEmpty() || !(TaskJson.clipping(definition) instanceof Clipping.Adaptive adaptive)) {
            return task.template();
        }
        try {
            RoundTerms template = RoundTerms.parseFrom(task.template());
            EncodingParameters encoding = EncodingParameters.of(template.getEncoding());
            double next = adaptive.next(encoding.clipNorm(), within.getAsDouble());
            return template.toBuilder()
                    .setEncoding(encoding.withClipNorm(next).toMessage())
                    .build()
                    .toByteString();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a template that the aggregator made", e);
        }
    }
}
