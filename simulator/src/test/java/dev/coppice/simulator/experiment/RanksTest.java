package dev.coppice.simulator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.aggregator.round.NextTerms;
import dev.coppice.simulator.experiment.Learning.Extra;
import dev.coppice.simulator.experiment.Learning.Timing;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.world.SeededRandomSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The server's rank is 4 and alpha 8; devices of rank 2 have alpha 4. */
class RanksTest {
    private static final long SEED = 7;

    @TempDir
    private static Path folder; // so that each kit is made once

    private static ObjectNode task(Factors factors) throws Exception {
        ObjectNode task = SampleLab.task(factors).put("rounds", 2).put("localSteps", 3);
        ((ObjectNode) task.get("cohort")).put("min", 6).put("max", 6);
        ((ObjectNode) task.at("/kitSpec/lora")).put("rank", 4).put("alpha", 8);
        return task;
    }

    private TaskRun played(Lab lab, ObjectNode task, List<Integer> ranks) throws Exception {
        Path blobs = folder.resolve("blobs");
        TaskRun run = new TaskRun(lab, Definitions.complete(task, lab), SEED, Cast.ofRanks(ranks), blobs);
        while (!run.isOver()) {
            assertThat(run.next()).isTrue();
        }
        return run;
    }

    private Posted posted(Lab lab, ObjectNode task) throws Exception {
        return Posted.of(lab, Definitions.complete(task, lab), SeededRandomSource.of(SEED), folder.resolve("blobs"));
    }

    private List<float[]> updates(Lab lab, Posted posted, List<Integer> ranks, List<Integer> cohort) throws Exception {
        SeededRandomSource random = SeededRandomSource.of(SEED);
        var terms = NextTerms.training(posted.task(), 1, 0, posted.initial().layout(), Instant.EPOCH);
        return new CohortWork(lab, posted, Ranks.of(lab, posted, ranks, random), Optional.empty(), random)
                .updates(terms, posted.initial(), cohort);
    }

    private static boolean isBeyond(int rank, TensorSpec tensor, int place) {
        int width = tensor.shape().getLast();
        return (tensor.name().endsWith("lora_A.weight") && place / width >= rank)
                || (tensor.name().endsWith("lora_B.weight") && place % width >= rank);
    }

    @ParameterizedTest
    @EnumSource
    void devicesThatAllHaveTheServersRankLearnWhatTheyDoIfNothingIsSaid(Factors factors) throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            TaskRun said = played(lab, task(factors), List.of(4, 4));
            TaskRun unsaid = played(lab, task(factors), List.of());
            assertThat(said.candidate()).isEqualTo(unsaid.candidate());
            assertThat(said.judgeByRank()).containsExactly(new Ranks.Judged(4, SampleLab.PEOPLE, unsaid.judge()));
            assertThat(unsaid.judgeByRank()).isEmpty();
        }
    }

    @Test
    void aDeviceOfRankTwoHandsInWhatItWouldToAServerOfRankTwoAndZerosBeyond() throws Exception {
        ObjectNode small = task(Factors.BOTH);
        ((ObjectNode) small.at("/kitSpec/lora")).put("rank", 2).put("alpha", 4);
        try (Lab lab = SampleLab.open(folder, 2)) {
            Posted posted = posted(lab, task(Factors.BOTH));
            List<Integer> cohort = posted.eligible().subList(0, 2);
            List<float[]> padded = updates(lab, posted, List.of(2), cohort);
            List<float[]> alone = updates(lab, posted(lab, small), List.of(), cohort);
            for (int device = 0; device < cohort.size(); device++) {
                List<Float> held = new ArrayList<>();
                for (TensorSpec tensor : posted.initial().layout().tensors()) {
                    int offset = posted.initial().layout().offset(tensor.name());
                    for (int i = 0; i < tensor.count(); i++) {
                        float value = padded.get(device)[offset + i];
                        if (isBeyond(2, tensor, i)) {
                            assertThat(value).as(tensor.name()).isZero();
                        } else {
                            held.add(value);
                        }
                    }
                }
                assertThat(held).containsExactly(boxed(alone.get(device)));
                assertThat(held.stream().filter(value -> value != 0).count()).isGreaterThan(held.size() / 2);
            }
        }
    }

    private static Float[] boxed(float[] values) {
        Float[] boxed = new Float[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    @Test
    void anAdapterCutToRankTwoDoesAsTheWholeOneDoesWithZerosBeyond() throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            Posted posted = posted(lab, task(Factors.BOTH));
            RankClass two = Ranks.of(lab, posted, List.of(2), SeededRandomSource.of(SEED))
                    .of(0);
            float[] drawn = posted.initial().toArray();
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] += (float) random.nextDouble(-0.3, 0.3);
            }
            AdapterWeights whole = AdapterWeights.of(posted.initial().layout(), drawn);
            float[] zeroed = drawn.clone();
            for (TensorSpec tensor : whole.layout().tensors()) {
                for (int i = 0; i < tensor.count(); i++) {
                    zeroed[whole.layout().offset(tensor.name()) + i] *= isBeyond(2, tensor, i) ? 0 : 1;
                }
            }
            double cut = lab.judge(two.classroom(), two.held(whole)).loss();
            double same = lab.judge(posted.classroom(), AdapterWeights.of(whole.layout(), zeroed))
                    .loss();
            assertThat(cut).isCloseTo(same, within(1e-5));
            assertThat(cut).isNotCloseTo(lab.judge(posted.classroom(), whole).loss(), within(1e-3));
            assertThat(two.replaced(whole, two.held(whole))).isEqualTo(whole);
        }
    }

    @Test
    void theScaleStaysWhateverItFollowsFrom() throws Exception {
        KitSpec spec =
                KitSpec.fromJson(Json.MAPPER.writeValueAsBytes(task(Factors.B).get("kitSpec")));
        LoraSpec stabilized = spec.lora().with(LoraOptions.PLAIN.withRankStabilized());
        for (LoraSpec lora : List.of(spec.lora(), stabilized)) {
            KitSpec whole =
                    new KitSpec(spec.task(), lora, spec.objective(), spec.labels(), spec.batch(), spec.length(), 0);
            LoraSpec cut = RankClass.cut(whole, 3).lora();
            assertThat(cut.rank()).isEqualTo(3);
            assertThat(cut.scale("q_proj")).isCloseTo(lora.scale("q_proj"), within(1e-12));
            assertThat(RankClass.cut(whole, 4)).isEqualTo(whole);
        }
    }

    @Test
    void figuresByRankAreTheSameForAnyNumberOfWorkers() throws Exception {
        List<JsonNode> figures = new ArrayList<>();
        for (int workers = 1; workers <= 2; workers++) {
            try (Lab lab = SampleLab.open(folder, workers)) {
                Learning learning = new Learning(lab, line -> {});
                var settings = new Learning.Settings(SEED, 2, List.of(2, 4), List.of(), Optional.empty());
                ObjectNode task = task(Factors.BOTH).put("mergeRule", "fedsvd").put("rounds", 1);
                figures.add(learning.run(task, settings, folder.resolve("out")).get("rounds"));
            }
        }
        assertThat(figures.get(0)).isEqualTo(figures.get(1));
        JsonNode last = figures.get(0).path(1);
        assertThat(last.path("ranks").findValuesAsText("rank")).containsExactly("2", "4");
        assertThat(last.path("ranks").findValuesAsText("devices")).containsExactly("12", "12");
        assertThat(last.path("ranks").path(1).path("loss")).isEqualTo(last.path("loss"));
        assertThat(last.path("ranks").path(0).path("loss")).isNotEqualTo(last.path("loss"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    2,8 | {}                            | ranks of devices are 1 to 4
                    0   | {}                            | and not 0
                    2   | {"mergeRule": "fedsa"}        | no fedsa
                    2   | {"kitSpec": {"lora": {"ranks": [{"modules": "q_proj", "rank": 2, "alpha": 4}]}}} | kitSpec.lora.ranks
                    """)
    void whatCannotBeCutIsRefusedWithTheReason(String ranks, String change, String reason) throws Exception {
        ObjectNode task = task(Factors.BOTH);
        Json.MAPPER.readerForUpdating(task).readValue(change);
        List<Integer> asked =
                List.of(ranks.split(",")).stream().map(Integer::valueOf).toList();
        try (Lab lab = SampleLab.open(folder, 1)) {
            assertThatThrownBy(() -> played(lab, task, asked))
                    .isInstanceOf(ExperimentRefusedException.class)
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void neitherVirtualTimeNorLearningAloneIsPlayedWithRanks() throws Exception {
        Timing timing = new Timing(List.of(DeviceClass.PLAIN), Duration.ofHours(1));
        List<Learning.Settings> refused = List.of(
                new Learning.Settings(SEED, 1, List.of(2), List.of(), Optional.of(timing)),
                new Learning.Settings(SEED, 1, List.of(2), List.of(new Extra.Local(1, 0.01f)), Optional.empty()));
        try (Lab lab = SampleLab.open(folder, 1)) {
            for (Learning.Settings settings : refused) {
                assertThatThrownBy(() -> new Learning(lab, line -> {}).run(task(Factors.B), settings, folder))
                        .isInstanceOf(ExperimentRefusedException.class)
                        .hasMessageContaining("leave out --ranks");
            }
        }
    }
}
