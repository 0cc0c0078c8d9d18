package dev.coppice.aggregator.task;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.aggregator.budget.TaskBudget;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.task.TaskDefinition.MetricsRule;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.CohortParameters;
import dev.coppice.crypto.masking.CohortRefusedException;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.round.Metrics;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Training;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;

/** Checks every rule of a task, and plans its noise. Stores nothing. */
final class TaskPlanner {
    /** After which every rule begins again with the factors of the first round. */
    private static final int TURNS = 2;

    private final BlobStore blobs;

    TaskPlanner(BlobStore blobs) {
        this.blobs = blobs;
    }

    /** @param template of its rounds' terms, without what each round has for itself */
    record Planned(TaskDefinition definition, RoundTerms template) {}

    /**
     * Plans a task.
     *
     * @param json a task definition
     * @throws TaskRefusedException with the reason, a budget that cannot be kept among them
     * @throws IOException if the initial adapter cannot be read
     */
    Planned plan(byte[] json) throws TaskRefusedException, IOException {
        TaskDefinition definition = TaskJson.parse(json);
        byte[] kitSpec = kitSpec(definition);
        return new Planned(definition, template(definition, kitSpec, dimension(definition), json));
    }

    /** Values that devices put into the sum. */
    private int dimension(TaskDefinition task) throws TaskRefusedException, IOException {
        MetricsRule metrics = task.metrics();
        if (metrics == null) {
            return longest(task);
        }
        if (metrics.isOfCandidate()) {
            adapter(task); // that there is an adapter to ask about
        }
        return MetricsLayout.of(metrics.asksAbout(), metrics.deviceClasses()).dimension();
    }

    /** Numbers in the longest of the updates that the task's rounds may have. */
    private int longest(TaskDefinition task) throws TaskRefusedException, IOException {
        AdapterWeights weights = adapter(task);
        int longest = 0;
        try {
            for (int merges = 0; merges < TURNS; merges++) {
                FactorTurn turn = FactorTurn.after(merges, task, weights.layout());
                if (turn.dimension() < 1) {
                    throw new TaskRefusedException("The initial adapter has nothing that the merge rule shares");
                }
                longest = Math.max(longest, turn.dimension());
                turn.finished(weights);
            }
            return longest;
        } catch (MergeRefusedException e) {
            throw new TaskRefusedException("The initial adapter: " + e.getMessage());
        }
    }

    private AdapterWeights adapter(TaskDefinition task) throws TaskRefusedException, IOException {
        String sha256 = task.initialAdapterSha256();
        if (blobs.find(sha256).isEmpty()) {
            throw new TaskRefusedException("No blob is stored as initialAdapterSha256");
        }
        try {
            AdapterWeights weights = Safetensors.read(blobs.read(sha256));
            int count = weights.layout().count();
            if (count < 1 || count > Limits.DIMENSION_MAX) {
                throw new TaskRefusedException("An adapter has 1 to " + Limits.DIMENSION_MAX + " values");
            }
            return weights;
        } catch (FormatRefusedException e) {
            throw new TaskRefusedException("The initial adapter: " + e.getMessage());
        }
    }

    private static RoundTerms template(TaskDefinition task, byte[] kitSpec, int dimension, byte[] json)
            throws TaskRefusedException {
        NoisePlan plan = plan(task, dimension, json);
        RoundTerms.Builder terms = RoundTerms.newBuilder()
                .setSkill(task.skill())
                .setBaseModelSha256(task.baseModelSha256())
                .setKitSha256(task.kitSha256())
                .setKitSpec(ByteString.copyFrom(kitSpec))
                .setEncoding(plan.encoding().toMessage())
                .setPrivacy(plan.toMessage())
                .setCohort(bounds(task.cohort()).toMessage())
                .setKeyAgreement(TaskJson.keyAgreement(task));
        MetricsRule metrics = task.metrics();
        return metrics == null
                ? terms.setTraining(training(task)).build()
                : terms.setMetrics(Metrics.newBuilder()
                                .setSubject(metrics.asksAbout())
                                .setPackVersion(metrics.packVersion())
                                .addAllDeviceClasses(metrics.deviceClasses()))
                        .build();
    }

    private static Training training(TaskDefinition task) {
        return Training.newBuilder()
                .setLocalSteps(task.localSteps())
                .setLearningRate((float) task.learningRate())
                .setExamplesMin(task.examplesMin())
                .setFullWeightExamples(task.fullWeightExamplesOrNone())
                .build();
    }

    private static NoisePlan plan(TaskDefinition task, int dimension, byte[] json) throws TaskRefusedException {
        TaskDefinition.CohortRule rule = task.cohort();
        if (rule.max() > Limits.COHORT_SIZE_MAX) {
            throw new TaskRefusedException("A cohort has at most " + Limits.COHORT_SIZE_MAX + " devices");
        }
        Double epsilon = task.epsilon();
        TaskBudget budget = new TaskBudget(
                epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon), task.delta(), task.rounds());
        try {
            CohortBounds bounds = bounds(rule);
            for (int size : extremes(rule)) {
                CohortParameters.search(size, rule.groups(), rule.corruptionBound(), rule.dropoutBound());
            }
            return budget.plan(
                    TaskJson.noiseSource(task), bounds, dimension, TaskJson.clipping(task), Sha256.hash(json));
        } catch (PrivacyRefusedException | CohortRefusedException | IllegalArgumentException e) {
            throw new TaskRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private static CohortBounds bounds(TaskDefinition.CohortRule rule) {
        return new CohortBounds(rule.min(), rule.max(), rule.groups(), rule.dropoutBound(), rule.corruptionBound());
    }

    /** The smallest cohort, the largest, and the one of the most groups, which are the smallest. */
    private static int[] extremes(TaskDefinition.CohortRule rule) {
        int size = Math.max(1, rule.groups());
        return new int[] {rule.min(), rule.max(), Math.max(rule.min(), rule.max() / size * size)};
    }

    private static byte[] kitSpec(TaskDefinition task) throws TaskRefusedException {
        try {
            KitSpec spec = KitSpec.fromJson(task.kitSpec().toString().getBytes(StandardCharsets.UTF_8));
            if (task.metrics() == null) {
                TaskJson.mergeRule(task, spec.lora());
            }
            byte[] canonical = spec.toJson();
            if (canonical.length > Limits.KIT_SPEC_BYTES_MAX) {
                throw new TaskRefusedException("kitSpec has at most " + Limits.KIT_SPEC_BYTES_MAX + " bytes");
            }
            return canonical;
        } catch (KitRefusedException e) {
            throw new TaskRefusedException("kitSpec: " + e.getMessage());
        }
    }
}
