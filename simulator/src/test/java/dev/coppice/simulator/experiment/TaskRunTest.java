package dev.coppice.simulator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.lora.Factors;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskRunTest {
    @TempDir
    private Path folder;

    private static AdapterWeights after(Lab lab, ObjectNode task, long seed, String attack, Path folder)
            throws Exception {
        return after(lab, task, seed, attack, 0, folder);
    }

    private static AdapterWeights after(
            Lab lab, ObjectNode task, long seed, String attack, int trustedPeople, Path folder) throws Exception {
        Cast cast = new Cast(Adversary.of(Json.MAPPER.readTree(attack)), trustedPeople, List.of());
        TaskRun run = new TaskRun(lab, Definitions.complete(task, lab), seed, cast, folder.resolve("blobs"));
        while (!run.isOver()) {
            assertThat(run.next()).isTrue();
        }
        return run.candidate();
    }

    private static double length(AdapterWeights weights, AdapterWeights from) {
        double squares = 0;
        for (float value : weights.minus(from)) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    @Test
    void aRunIsTheSameForAnyNumberOfWorkersAndAnotherForAnotherSeed() throws Exception {
        ObjectNode task =
                SampleLab.task(Factors.BOTH).put("mergeRule", "rolora").put("epsilon", 50.0);
        AdapterWeights alone;
        try (Lab lab = SampleLab.open(folder, 1)) {
            alone = after(lab, task, 7, "{}", folder);
        }
        try (Lab lab = SampleLab.open(folder, 2)) {
            assertThat(after(lab, task, 7, "{}", folder)).isEqualTo(alone);
            assertThat(after(lab, task, 8, "{}", folder)).isNotEqualTo(alone);
        }
    }

    @Test
    void learningLowersTheLossAndWhoRidesForFreeDoesNot() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            Definitions.Complete task = Definitions.complete(SampleLab.task(Factors.B), lab);
            TaskRun run = new TaskRun(lab, task, 1, Cast.HONEST, folder.resolve("blobs"));
            double before = run.judge().loss();
            while (!run.isOver()) {
                run.next();
            }
            assertThat(run.judge().loss()).isLessThan(before - 0.01);
            AdapterWeights idle =
                    after(lab, SampleLab.task(Factors.B), 1, "{\"name\": \"free-rider\", \"share\": 1}", folder);
            assertThat(length(idle, task.kit().initial())).isLessThan(1e-3); // but for rounding
        }
    }

    /** As many examples as nobody has: each update is shorter by the same factor, or more, and so is their mean. */
    @Test
    void updatesOfFewerExamplesCountLessAndTheServersStepMakesUpForIt() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            ObjectNode alike = SampleLab.task(Factors.B).put("rounds", 1);
            ObjectNode weighted = alike.deepCopy().put("fullWeightExamples", 1000);
            AdapterWeights initial = Definitions.complete(alike, lab).kit().initial();
            double full = length(after(lab, alike, 3, "{}", folder), initial);
            double less = length(after(lab, weighted, 3, "{}", folder), initial);
            assertThat(less).isBetween(full / 1000, full / 10);
            ((ObjectNode) weighted.get("serverOptimizer")).put("learningRate", full / less);
            float[] made = after(lab, weighted, 3, "{}", folder).minus(initial);
            assertThat(cosine(made, after(lab, alike, 3, "{}", folder).minus(initial)))
                    .isGreaterThan(0.9);
        }
    }

    @Test
    void whatDevicesKeepIsJudgedWithWhatTheyShare() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            ObjectNode task =
                    SampleLab.task(Factors.BOTH).put("mergeRule", "fedsa").put("rounds", 4);
            TaskRun run = new TaskRun(lab, Definitions.complete(task, lab), 1, Cast.HONEST, folder.resolve("blobs"));
            while (!run.isOver()) {
                run.next();
            }
            double shared = lab.judge(run.classroom(), run.candidate()).loss();
            assertThat(run.judge().loss()).isLessThan(shared - 0.01);
        }
    }

    /** One in six devices hands in ten clip norms: in three groups of four, one at least is spoilt. */
    @Test
    void whoDoesNotClipMovesAPlainMeanFurtherThanAnyHonestCohortAndAMedianNot() throws Exception {
        String attack = "{\"name\": \"scaled-update\", \"share\": 0.05, \"parameters\": {\"times\": -3}}";
        try (Lab lab = SampleLab.open(folder, 2)) {
            ObjectNode plain = SampleLab.task(Factors.B).put("rounds", 1).put("clipNorm", 0.05);
            ((ObjectNode) plain.get("cohort")).put("min", 24).put("max", 24).put("groupSize", 4);
            ObjectNode median = plain.deepCopy();
            median.putObject("robustMerge").put("kind", "median");
            AdapterWeights initial = Definitions.complete(plain, lab).kit().initial();
            AdapterWeights honest = after(lab, plain, 3, "{}", folder);
            double clean = length(after(lab, median, 3, "{}", folder), honest);
            assertThat(length(after(lab, plain, 3, attack, folder), honest)).isGreaterThan(0.004);
            assertThat(length(after(lab, median, 3, attack, folder), honest)).isLessThan(clean + 0.003);
            assertThat(length(honest, initial)).isGreaterThan(0.005);
        }
    }

    /** Six of 24 devices, in groups of four, hand in the opposite of what they trained, 3.5 clip norms long. */
    @Test
    void whereMostGroupsAreSpoiltTrustedTextsStillTellThemApart() throws Exception {
        String attack = "{\"name\": \"scaled-update\", \"share\": 0.25, \"parameters\": {\"times\": -3.5}}";
        try (Lab lab = SampleLab.open(folder, 2)) {
            ObjectNode task = SampleLab.task(Factors.B).put("rounds", 1).put("clipNorm", 0.05);
            ((ObjectNode) task.get("cohort")).put("min", 24).put("max", 24).put("groupSize", 4);
            AdapterWeights initial = Definitions.complete(task, lab).kit().initial();
            float[] honest = after(lab, task, 3, "{}", folder).minus(initial);
            float[] attacked = after(lab, task, 3, attack, folder).minus(initial);
            float[] trusted = after(lab, task, 3, attack, 8, folder).minus(initial);
            assertThat(cosine(trusted, honest)).isGreaterThan(cosine(attacked, honest) + 0.1);
        }
    }

    private static double cosine(float[] one, float[] other) {
        return product(one, other) / Math.sqrt(product(one, one) * product(other, other));
    }

    private static double product(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }

    @Test
    void whatTheAggregatorRefusesIsRefusedWithItsReason() throws Exception {
        try (Lab lab = SampleLab.open(folder, 1)) {
            ObjectNode task = SampleLab.task(Factors.B);
            task.putObject("robustMerge").put("kind", "median");
            assertThatThrownBy(() -> after(lab, task, 1, "{}", folder))
                    .isInstanceOf(ExperimentRefusedException.class)
                    .hasMessageContaining("set cohort.groupSize");
            assertThatThrownBy(
                            () -> after(lab, SampleLab.task(Factors.B), 1, "{\"name\": \"x\", \"share\": 1}", folder))
                    .isInstanceOf(ExperimentRefusedException.class)
                    .hasMessageContaining("backdoor");
        }
    }
}
