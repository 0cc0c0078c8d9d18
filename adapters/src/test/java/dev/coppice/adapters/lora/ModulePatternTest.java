package dev.coppice.adapters.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModulePatternTest {
    private static final String Q = "model.layers.3.self_attn.q_proj";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            q_proj                             | true
            self_attn.q_proj                   | true
            model.layers.3.self_attn.q_proj    | true
            proj                               | false
            attn.q_proj                        | false
            layers.3                           | false
            model.layers.{0..3}.*.q_proj       | true
            model.layers.{0..2}.*.q_proj       | false
            model.layers.{4..30}.*.q_proj      | false
            model.layers.*.{q,v}_proj          | false
            model.layers.*.*.{q,v}_proj        | true
            model.layers.*.*.{k,v}_proj        | false
            **.{q,v}_proj                      | true
            **                                 | true
            *                                  | false
            modelXlayers.**                    | false
            q                                  | true
            k                                  | false
            attention                          | true
            mlp                                | false
            all-linear                         | true
            """)
    void aPatternMeansEndsOfPathsGlobsOrRoles(String pattern, boolean means) {
        assertThat(ModulePattern.of(pattern).matches(Q, false)).isEqualTo(means);
    }

    @ParameterizedTest
    @CsvSource({
        "transformer.h.0.attn.c_attn, q k v attention all-linear",
        "transformer.h.0.attn.c_proj, attention all-linear",
        "transformer.h.0.mlp.c_proj, mlp all-linear",
        "model.layers.0.self_attn.qkv_proj, q k v attention all-linear",
        "model.layers.0.mlp.gate_up_proj, mlp all-linear",
        "model.layers.11.mlp.fc1, mlp all-linear",
        "model.decoder.layers.0.fc2, mlp all-linear",
        "bert.encoder.layer.0.attention.self.value, v attention all-linear",
        "bert.encoder.layer.0.attention.output.dense, attention all-linear",
        "bert.encoder.layer.0.output.dense, mlp all-linear",
        "bert.pooler.dense, all-linear",
        "gpt_neox.layers.1.attention.query_key_value, q k v attention all-linear",
        "distilbert.transformer.layer.0.attention.out_lin, attention all-linear",
        "distilbert.transformer.layer.0.ffn.lin2, mlp all-linear"
    })
    void rolesFitEveryArchitecture(String path, String roles) {
        for (String role : new String[] {"q", "k", "v", "attention", "mlp", "all-linear"}) {
            assertThat(ModulePattern.of(role).matches(path, false))
                    .as(role)
                    .isEqualTo((" " + roles + " ").contains(" " + role + " "));
        }
    }

    @Test
    void noRoleIncludesTheOutputHeadButItsNameDoes() {
        assertThat(ModulePattern.of("all-linear").matches("lm_head", true)).isFalse();
        assertThat(ModulePattern.of("lm_head").matches("lm_head", true)).isTrue();
        assertThat(ModulePattern.of("**").matches("lm_head", true)).isTrue();
    }

    @Test
    void aModuleThatHoldsOthersStandsForAllOfThem() {
        assertThat(ModulePattern.of("classifier").matchesOrHolds("classifier.dense"))
                .isTrue();
        assertThat(ModulePattern.of("classifier").matchesOrHolds("pre_classifier"))
                .isFalse();
        assertThat(ModulePattern.of("classifier.out_proj").matchesOrHolds("classifier.dense"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "q_proj$", "layers.{0..", "{3..1}", "{0..5000}", "a}b", "(x)", "é"})
    void whatIsNoPatternIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ModulePattern.of(text));
    }
}
