package dev.coppice.adapters.pack;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.Kit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A kit's tensors as PEFT saves them: every name under {@value #PREFIX}, trained and frozen LoRA factors together, and
 * the head among the modules that are saved whole.
 */
final class PeftNames {
    private static final String PREFIX = "base_model.model.";

    private final Kit kit;
    private final AdapterWeights frozen;
    private final ParameterLayout layout;

    private PeftNames(Kit kit) {
        this.kit = kit;
        this.frozen = kit.frozen();
        List<TensorSpec> tensors = new ArrayList<>();
        kit.layout().tensors().forEach(tensor -> tensors.add(named(tensor)));
        frozen.layout().tensors().forEach(tensor -> tensors.add(named(tensor)));
        this.layout = ParameterLayout.of(tensors);
    }

    static PeftNames of(Kit kit) {
        return new PeftNames(kit);
    }

    /** All tensors of the file. */
    ParameterLayout layout() {
        return layout;
    }

    AdapterWeights toPeft(AdapterWeights weights) {
        if (!weights.layout().equals(kit.layout())) {
            throw new IllegalArgumentException("the weights are not in the kit's layout");
        }
        float[] values = new float[layout.count()];
        put(weights, values);
        put(frozen, values);
        return AdapterWeights.of(layout, values);
    }

    /** The trained part. The frozen part must be what the kit derives, or the adapter would mean something else. */
    AdapterWeights fromPeft(AdapterWeights file) throws PackRefusedException {
        for (TensorSpec tensor : frozen.layout().tensors()) {
            if (!Arrays.equals(file.tensor(named(tensor)), frozen.tensor(tensor))) {
                throw new PackRefusedException("the frozen tensor " + tensor.name() + " is not the kit's");
            }
        }
        float[] values = new float[kit.layout().count()];
        for (TensorSpec tensor : kit.layout().tensors()) {
            float[] read = file.tensor(named(tensor));
            System.arraycopy(read, 0, values, kit.layout().offset(tensor.name()), read.length);
        }
        return AdapterWeights.of(kit.layout(), values);
    }

    private void put(AdapterWeights from, float[] values) {
        for (TensorSpec tensor : from.layout().tensors()) {
            System.arraycopy(from.tensor(tensor), 0, values, layout.offset(PREFIX + tensor.name()), tensor.count());
        }
    }

    private static TensorSpec named(TensorSpec tensor) {
        return new TensorSpec(PREFIX + tensor.name(), tensor.shape());
    }
}
