package dev.coppice.adapters.pack;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import java.util.Map;
import java.util.SortedMap;

/**
 * The files of a skill pack: {@value #WEIGHTS} and {@value #CONFIG} as Hugging Face PEFT loads them, and {@value #SKILL}.
 * Signatures are not its business.
 *
 * @param weights the adapter, in the kit's layout
 * @param facts what {@value #SKILL} says of it
 */
public record PackContents(AdapterWeights weights, SkillFacts facts) {
    public static final String WEIGHTS = "adapter_model.safetensors";
    public static final String CONFIG = "adapter_config.json";
    public static final String SKILL = "skill.json";

    /** The files by name; equal contents give equal bytes. */
    public SortedMap<String, byte[]> files(Kit kit) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Reads files that a device was handed, in any order.
     *
     * @throws PackRefusedException if a file is missing, unknown or damaged, or not made for this kit
     */
    public static PackContents read(Map<String, byte[]> files, Kit kit) throws PackRefusedException {
        throw new UnsupportedOperationException("not yet");
    }
}
