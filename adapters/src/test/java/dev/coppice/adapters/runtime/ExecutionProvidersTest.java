package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.inference.AdapterStack;
import dev.coppice.adapters.inference.AdapterTargets;
import dev.coppice.adapters.inference.Classifier;
import dev.coppice.adapters.inference.Labels;
import dev.coppice.adapters.inference.Language;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.testkit.ProjectFiles;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On every provider that this machine's runtime has, a model gives what it gives on the CPU. */
class ExecutionProvidersTest {
    @Test
    void everyRuntimeHasTheCpuAndItIsAskedLast() throws Exception {
        List<String> available = ExecutionProviders.available();
        assertThat(available).endsWith(ExecutionProviders.CPU).doesNotHaveDuplicates();
    }

    @Test
    void theFirstProviderThatTakesTheModelRunsIt() throws Exception {
        List<String> wanted = new ArrayList<>(List.of("NoSuchExecutionProvider"));
        wanted.addAll(ExecutionProviders.available());
        try (BaseModel model = BaseModel.open(ProjectFiles.root().resolve("models/pico"));
                Classifier onCpu = open(model, List.of());
                Classifier elsewhere = open(model, wanted);
                AdapterStack none = AdapterStack.none()) {
            assertThat(onCpu.provider()).isEqualTo(ExecutionProviders.CPU);
            assertThat(elsewhere.provider()).isIn(ExecutionProviders.available());
            Labels expected = onCpu.classify(List.of("lights off please"), none).get(0);
            Labels found =
                    elsewhere.classify(List.of("lights off please"), none).get(0);
            for (String label : expected.names()) {
                assertThat(found.probability(label)).isEqualTo(expected.probability(label), within(1e-3));
            }
        }
    }

    @MustBeClosed
    private static Classifier open(BaseModel model, List<String> providers) throws Exception {
        return Classifier.open(
                model,
                Language.of(model),
                model.config().labels(),
                AdapterTargets.none(),
                new SessionSettings(1, providers));
    }
}
