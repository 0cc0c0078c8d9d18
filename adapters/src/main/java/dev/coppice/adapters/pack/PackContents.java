package dev.coppice.adapters.pack;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.kit.Kit;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a skill pack: {@value #WEIGHTS} and {@value #CONFIG} as Hugging Face PEFT loads them, {@value #ONNX} with
 * the same weights as ONNX Runtime loads them, and {@value #SKILL}. A {@link Provenance} comes beside them. Signatures are
 * not its business.
 *
 * @param weights the adapter, in the kit's layout
 * @param facts what {@value #SKILL} says of it
 */
public record PackContents(AdapterWeights weights, SkillFacts facts) {
    public static final String WEIGHTS = PeftAdapter.WEIGHTS;
    public static final String CONFIG = PeftAdapter.CONFIG;
    public static final String ONNX = "adapter.onnx_adapter";
    public static final String SKILL = "skill.json";

    /** What a device reads; the other files are for other tools, and it does not fetch them. */
    public static final Set<String> NEEDED = Set.of(WEIGHTS, CONFIG, SKILL);

    /**
     * The files by name; equal contents give equal bytes.
     *
     * @throws IllegalArgumentException if the weights are not in this kit's layout
     */
    public SortedMap<String, byte[]> files(Kit kit) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        PeftAdapter adapter = KitAdapters.toPeft(kit, weights);
        files.putAll(adapter.files());
        files.put(ONNX, OnnxAdapter.of(adapter).write());
        files.put(SKILL, SkillJson.bytes(kit, facts));
        return files;
    }

    /**
     * Reads the {@linkplain #NEEDED files that a device was handed}, in any order.
     *
     * @throws PackRefusedException if a file is missing, unknown or damaged, or not made for this kit
     */
    public static PackContents read(Map<String, byte[]> files, Kit kit) throws PackRefusedException {
        if (!files.keySet().equals(NEEDED)) {
            throw new PackRefusedException("a device reads " + WEIGHTS + ", " + CONFIG + " and " + SKILL);
        }
        return new PackContents(weights(files, kit), SkillJson.read(file(files, SKILL), kit));
    }

    /**
     * The adapter alone: of files that were {@linkplain #read read} before, maybe by a version that had another form of
     * {@value #SKILL}.
     *
     * @throws PackRefusedException if a file of it is missing or damaged, or not made for this kit
     */
    public static AdapterWeights weights(Map<String, byte[]> files, Kit kit) throws PackRefusedException {
        if (!Arrays.equals(file(files, CONFIG), KitAdapters.config(kit).toJson())) {
            throw new PackRefusedException(CONFIG + " describes another adapter than this device's kit");
        }
        try {
            return KitAdapters.fromPeft(kit, PeftAdapter.read(file(files, CONFIG), file(files, WEIGHTS)));
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
