package dev.coppice.adapters.pack;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;

/** adapter_config.json as PEFT's {@code LoraConfig} reads it. */
final class PeftConfig {
    private PeftConfig() {}

    /** Canonical: equal kits give equal bytes. */
    static byte[] bytes(Kit kit) {
        LoraSpec lora = kit.spec().lora();
        boolean labelled = kit.spec().task() != Task.CAUSAL_LM;
        ObjectNode config = PackJson.object();
        config.put("peft_type", "LORA");
        config.put("task_type", labelled ? "SEQ_CLS" : "CAUSAL_LM");
        config.put("base_model_name_or_path", "sha256:" + kit.modelSha256());
        config.put("r", lora.rank());
        config.put("lora_alpha", lora.alpha());
        ArrayNode targets = config.putArray("target_modules");
        lora.targets().forEach(targets::add);
        if (labelled) {
            config.putArray("modules_to_save").add("score");
        } else {
            config.putNull("modules_to_save");
        }
        config.put("lora_dropout", 0.0);
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        return PackJson.bytes(config);
    }
}
