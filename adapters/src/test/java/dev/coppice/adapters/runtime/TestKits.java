package dev.coppice.adapters.runtime;

import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import java.nio.file.Path;
import java.util.List;

/** Kits of the standard test model. */
final class TestKits {
    static final LoraSpec LORA_B = new LoraSpec(8, 16, List.of("q_proj", "v_proj"), Factors.B, 7);
    private static final LoraSpec LORA_BOTH = new LoraSpec(8, 16, List.of("q_proj", "v_proj"), Factors.BOTH, 7);

    private TestKits() {}

    static KitSpec spec(Task task, int batch, int length) {
        return switch (task) {
            case CAUSAL_LM, MASKED_LM -> new KitSpec(task, LORA_BOTH, List.of(), batch, length);
            case TEXT_CLASSIFICATION -> new KitSpec(task, LORA_B, TinyDecoder.LABELS, batch, length);
            case PRETRAINING -> new KitSpec(task, LoraSpec.none(), TinyDecoder.LABELS, batch, length);
        };
    }

    static Kit build(KitSpec spec, Path folder) throws Exception {
        Path model = folder.resolve("model.onnx");
        TinyDecoder.standard().write(model);
        return KitBuilder.build(model, "0".repeat(64), TinyDecoder.LABELS, spec, folder.resolve("kit-" + spec.task()));
    }
}
