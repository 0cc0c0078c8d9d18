package dev.coppice.adapters.pack;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.kit.Kit;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a skill pack: {@value #WEIGHTS} and {@value #CONFIG} as Hugging Face PEFT loads them, and {@value #SKILL}.
 * Signatures are not its business.
 *
 * @param weights the adapter, in the kit's layout
 * @param facts what {@value #SKILL} says of it
 */
public record PackContents(AdapterWeights weights, SkillFacts facts) {
    public static final String WEIGHTS = PeftAdapter.WEIGHTS;
    public static final String CONFIG = PeftAdapter.CONFIG;
    public static final String SKILL = "skill.json";

    /**
     * The files by name; equal contents give equal bytes.
     *
     * @throws IllegalArgumentException if the weights are not in this kit's layout
     */
    public SortedMap<String, byte[]> files(Kit kit) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.putAll(KitAdapters.toPeft(kit, weights).files());
        files.put(SKILL, SkillJson.bytes(kit, facts));
        return files;
    }

    /**
     * Reads files that a device was handed, in any order.
     *
     * @throws PackRefusedException if a file is missing, unknown or damaged, or not made for this kit
     */
    public static PackContents read(Map<String, byte[]> files, Kit kit) throws PackRefusedException {
        if (!files.keySet().equals(Set.of(WEIGHTS, CONFIG, SKILL))) {
            throw new PackRefusedException("a skill pack is made of " + WEIGHTS + ", " + CONFIG + " and " + SKILL);
        }
        if (!Arrays.equals(file(files, CONFIG), KitAdapters.config(kit).toJson())) {
            throw new PackRefusedException(CONFIG + " describes another adapter than this device's kit");
        }
        SkillFacts facts = SkillJson.read(file(files, SKILL), kit);
        try {
            PeftAdapter adapter = PeftAdapter.read(file(files, CONFIG), file(files, WEIGHTS));
            return new PackContents(KitAdapters.fromPeft(kit, adapter), facts);
        } catch (FormatRefusedException e) {
            throw new PackRefusedException(WEIGHTS + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static byte[] file(Map<String, byte[]> files, String name) throws PackRefusedException {
        byte @Nullable [] bytes = files.get(name);
        if (bytes == null) {
            throw new PackRefusedException("there is no " + name);
        }
        return bytes;
    }
}
