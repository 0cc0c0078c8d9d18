package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModuleRank;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KitSpecTest {
    private static final LoraOptions OPTIONS = LoraOptions.PLAIN
            .withDropout(0.25)
            .withRanks(new ModuleRank("mlp", 2, 3))
            .withFullyTrained("score");
    private static final LoraSpec LORA = new LoraSpec(8, 16, List.of("v_proj", "q_proj"), Factors.B, -7, OPTIONS);
    private static final KitSpec SPEC = new KitSpec(
            Task.TEXT_CLASSIFICATION,
            LORA,
            Objective.PLAIN.withCloseness(0.5, 2).withPooling(Pooling.FIRST_TOKEN),
            List.of("yes", "no"),
            8,
            64,
            0);

    @Test
    void theJsonIsCanonical() {
        assertThat(new String(SPEC.toJson(), StandardCharsets.UTF_8))
                .isEqualTo("{\"version\":4,\"task\":\"TEXT_CLASSIFICATION\",\"lora\":{\"rank\":8,\"alpha\":16.0,"
                        + "\"targets\":[\"q_proj\",\"v_proj\"],\"factors\":\"B\",\"seed\":-7,"
                        + "\"rankStabilized\":false,\"dropout\":0.25,"
                        + "\"ranks\":[{\"modules\":\"mlp\",\"rank\":2,\"alpha\":3.0}],\"fullyTrained\":[\"score\"]},"
                        + "\"objective\":{\"proximal\":0.0,\"closeness\":0.5,\"temperature\":2.0,"
                        + "\"pooling\":\"FIRST_TOKEN\",\"teacherClasses\":0},"
                        + "\"labels\":[\"yes\",\"no\"],\"batch\":8,\"length\":64,\"predictedMax\":0}");
    }

    @Test
    void aSpecSurvivesItsJson() throws Exception {
        KitSpec pretraining = new KitSpec(Task.PRETRAINING, LoraSpec.none(), List.of("a", "b"), 1, 2);
        assertThat(KitSpec.fromJson(SPEC.toJson())).isEqualTo(SPEC);
        assertThat(KitSpec.fromJson(pretraining.toJson())).isEqualTo(pretraining);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "batch":8             | "batch":0
            "batch":8             | "batch":8.5
            "batch":8             | "batch":"8"
            "batch":8             | "batch":8,"batch":8
            "batch":8             | "batch":8,"more":1
            "batch":8,            | ''
            "length":64           | "length":1
            "length":64           | "length":99999999999
            "rank":8              | "rank":0
            "rank":8              | "rank":257
            "alpha":16.0          | "alpha":-1
            "alpha":16.0          | "alpha":null
            "factors":"B"         | "factors":"A"
            "seed":-7             | "seed":99999999999999999999
            "version":4           | "version":3
            "predictedMax":0      | "predictedMax":-1
            "predictedMax":0      | "predictedMax":1
            "length":64,          | ''
            ["q_proj","v_proj"]   | ["q_proj{","v_proj"]
            ["q_proj","v_proj"]   | []
            "dropout":0.25        | "dropout":1
            "rankStabilized":false | "rankStabilized":0
            "modules":"mlp"       | "modules":""
            "rank":2              | "rank":0
            ["score"]             | [""]
            "proximal":0.0        | "proximal":-1
            "closeness":0.5       | "closeness":"1"
            "temperature":2.0     | "temperature":0
            FIRST_TOKEN           | MIDDLE_TOKEN
            "teacherClasses":0    | "teacherClasses":3
            "teacherClasses":0    | "teacherClasses":-1
            TEXT_CLASSIFICATION   | MASKED_LM
            ["yes","no"]          | ["yes","yes"]
            ["yes","no"]          | ["yes",2]
            ["yes","no"]          | []
            TEXT_CLASSIFICATION   | CAUSAL_LM
            TEXT_CLASSIFICATION   | PRETRAINING
            """)
    void aValueOutOfPlaceIsRefused(String right, String wrong) {
        String json = new String(SPEC.toJson(), StandardCharsets.UTF_8);
        assertThat(json).contains(right);
        assertThatThrownBy(() -> KitSpec.fromJson(json.replace(right, wrong).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(KitRefusedException.class);
    }

    @Test
    void noMoreTokensArePredictedThanABatchHas() throws Exception {
        KitSpec spec = new KitSpec(Task.CAUSAL_LM, LORA, List.of(), 8, 64).withPredictedMax(512);
        assertThat(KitSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThatIllegalArgumentException().isThrownBy(() -> spec.withPredictedMax(513));
    }

    @Test
    void nothingToTrainIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KitSpec(Task.CAUSAL_LM, LoraSpec.none(), List.of(), 1, 2));
    }

    @FuzzTest
    void anyBytesAreASpecOrRefused(byte[] bytes) {
        try {
            KitSpec spec = KitSpec.fromJson(bytes);
            assertThat(KitSpec.fromJson(spec.toJson())).isEqualTo(spec);
        } catch (KitRefusedException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
