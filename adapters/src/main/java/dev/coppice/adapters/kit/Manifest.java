package dev.coppice.adapters.kit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What kit.json says.
 *
 * @param modelSha256 what identifies the base model
 * @param frozen A factors that are constants of the graphs
 * @param masks inputs that say which elements dropout keeps
 * @param files SHA-256 of every file, 64 hex digits
 * @param weights the files of frozen weights that the graphs share
 */
record Manifest(
        String modelSha256,
        KitSpec spec,
        ParameterLayout layout,
        List<TensorSpec> frozen,
        List<TensorSpec> masks,
        Map<KitFile, String> files,
        List<WeightsFile> weights) {
    private static final int FORMAT = 3;

    Manifest {
        frozen = List.copyOf(frozen);
        masks = List.copyOf(masks);
        files = Map.copyOf(files);
        weights = List.copyOf(weights);
    }

    byte[] toJson() {
        ObjectNode node = KitJson.object();
        node.put("format", FORMAT);
        node.put("modelSha256", modelSha256);
        node.set("spec", KitJson.write(spec));
        write(node.putArray("parameters"), layout.tensors());
        write(node.putArray("frozen"), frozen);
        write(node.putArray("masks"), masks);
        ObjectNode hashes = node.putObject("files");
        ArrayNode shared = node.putArray("weights");
        for (KitFile file : KitFile.values()) {
            hashes.put(file.fileName(), files.get(file));
        }
        for (WeightsFile file : weights) {
            shared.addObject()
                    .put("name", file.name())
                    .put("bytes", file.bytes())
                    .put("sha256", file.sha256());
        }
        return KitJson.bytes(node);
    }

    static Manifest fromJson(byte[] json) throws KitRefusedException {
        JsonNode node = KitJson.parse(json);
        KitJson.members(node, "format", "modelSha256", "spec", "parameters", "frozen", "masks", "files", "weights");
        if (KitJson.integer(node, "format") != FORMAT) {
            throw new KitRefusedException("a kit of another format");
        }
        try {
            return new Manifest(
                    KitJson.text(node, "modelSha256"),
                    KitJson.spec(node.get("spec")),
                    ParameterLayout.of(tensors(node.get("parameters"))),
                    tensors(node.get("frozen")),
                    tensors(node.get("masks")),
                    hashes(node.get("files")),
                    weights(node.get("weights")));
        } catch (IllegalArgumentException e) {
            throw new KitRefusedException("a kit whose tensors are out of range", e);
        }
    }

    private static void write(ArrayNode array, List<TensorSpec> tensors) {
        for (TensorSpec tensor : tensors) {
            ObjectNode node = array.addObject();
            node.put("name", tensor.name());
            ArrayNode shape = node.putArray("shape");
            tensor.shape().forEach(shape::add);
        }
    }

    private static List<TensorSpec> tensors(JsonNode array) throws KitRefusedException {
        List<TensorSpec> tensors = new ArrayList<>();
        for (JsonNode node : array) {
            KitJson.members(node, "name", "shape");
            List<Integer> shape = new ArrayList<>();
            for (JsonNode size : node.get("shape")) {
                if (!size.canConvertToInt()) {
                    throw new KitRefusedException("a shape that is not made of whole numbers");
                }
                shape.add(size.intValue());
            }
            tensors.add(new TensorSpec(KitJson.text(node, "name"), shape));
        }
        return tensors;
    }

    private static Map<KitFile, String> hashes(JsonNode node) throws KitRefusedException {
        List<String> names = new ArrayList<>();
        for (KitFile file : KitFile.values()) {
            names.add(file.fileName());
        }
        KitJson.members(node, names.toArray(String[]::new));
        Map<KitFile, String> hashes = new EnumMap<>(KitFile.class);
        for (KitFile file : KitFile.values()) {
            hashes.put(file, KitJson.text(node, file.fileName()));
        }
        return hashes;
    }

    private static List<WeightsFile> weights(JsonNode array) throws KitRefusedException {
        List<WeightsFile> files = new ArrayList<>();
        for (JsonNode node : array) {
            KitJson.members(node, "name", "bytes", "sha256");
            files.add(new WeightsFile(
                    KitJson.text(node, "name"), KitJson.whole(node, "bytes"), KitJson.text(node, "sha256")));
        }
        if (files.stream().map(WeightsFile::name).distinct().count() != files.size()) {
            throw new KitRefusedException("two files of weights have one name");
        }
        return files;
    }
}
