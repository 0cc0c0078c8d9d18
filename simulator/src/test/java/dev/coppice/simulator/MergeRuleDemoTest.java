package dev.coppice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.simulator.report.Summary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole loop with rules that share one factor at a time, under privacy: what the pack holds in the end. */
class MergeRuleDemoTest {
    private static final String A = "lora_A.weight";
    private static final String B = "lora_B.weight";

    @TempDir
    Path folder;

    /** The one that moves both factors each in its way; all of them in soaks. */
    static Stream<String> rules() {
        return Integer.getInteger("soak", 1) > 1 ? Stream.of("rolora", "fedsvd", "fedsa") : Stream.of("fedsvd");
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theFactorsThatTheRuleMovesHaveMovedInThePack(String rule) throws Exception {
        Summary summary =
                new Demo(settings(rule, OptionalDouble.of(8)), InstantSource.system(), Progress.silent()).run();
        assertThat(summary.rounds()).isEqualTo(2);
        assertThat(summary.epsilon()).isPositive().isLessThanOrEqualTo(8);
        Map<String, float[]> pack =
                tensors(Safetensors.read(Files.readAllBytes(folder.resolve("pack/adapter_model.safetensors"))));
        Map<String, float[]> initial = tensors(initial());
        pack.forEach((name, values) -> {
            boolean stays = rule.equals("fedsa") && name.endsWith(B);
            assertThat(initial.entrySet())
                    .filteredOn(entry -> name.endsWith(entry.getKey()))
                    .singleElement()
                    .satisfies(entry -> assertThat(Arrays.equals(values, entry.getValue()))
                            .as(name)
                            .isEqualTo(stays));
            if (rule.equals("fedsvd") && name.endsWith(A)) {
                assertThat(squares(values))
                        .as("rows of length 1, but for the grid of a pack")
                        .isCloseTo(4, within(0.05));
            }
        });
        assertThat(pack.keySet()).anyMatch(name -> name.endsWith(A)).anyMatch(name -> name.endsWith(B));
    }

    @Test
    void whatCannotBePromisedIsRefusedBeforeAnythingStarts() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("fedit", OptionalDouble.of(8)))
                .withMessageContaining("noises would multiply");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("flora", OptionalDouble.empty()))
                .withMessageContaining("secure aggregation yields only their sum");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("median", OptionalDouble.empty()))
                .withMessageContaining("rolora");
    }

    private DemoSettings settings(String rule, OptionalDouble epsilon) {
        return new DemoSettings(
                DemoSettings.DEVICES_MIN,
                2,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                epsilon,
                OptionalDouble.empty(),
                rule,
                OptionalLong.of(5),
                folder);
    }

    private AdapterWeights initial() throws Exception {
        try (var kits = Files.list(folder.resolve("kit"))) {
            return Kit.open(kits.findFirst().orElseThrow()).initial();
        }
    }

    private static Map<String, float[]> tensors(AdapterWeights weights) {
        return weights.layout().tensors().stream().collect(Collectors.toMap(TensorSpec::name, weights::tensor));
    }

    private static double squares(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }
}
