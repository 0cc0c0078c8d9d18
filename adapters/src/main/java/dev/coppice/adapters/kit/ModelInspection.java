package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.CacheBranch;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.TiedWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a model file is, and whether a kit can be made from it.
 *
 * @param producer the program that wrote it, with its version
 * @param opsets versions of the operators by domain; the standard domain is called {@code onnx}
 * @param inputs and outputs, each with its element type and axes
 * @param parameters numbers in all weights
 * @param weightBytes of all weights, by element type
 * @param layers how many, guessed from the numbers in names of modules; 0 if nothing tells
 * @param tied matrices that are stored twice
 * @param modules paths of the modules that LoRA can attach to
 * @param lowered fused operators that a kit has in another form
 * @param refusal why no kit can be made; empty if one can
 */
public record ModelInspection(
        String producer,
        Map<String, Long> opsets,
        List<String> inputs,
        List<String> outputs,
        long parameters,
        Map<String, Long> weightBytes,
        int layers,
        List<TiedWeights.Pair> tied,
        Set<String> modules,
        Set<String> lowered,
        Optional<String> refusal) {
    private static final Pattern NUMBER = Pattern.compile("\\.(\\d+)\\.");

    /**
     * Reads a model and tries all of a kit but writing it.
     *
     * @throws GraphRefusedException if the file is no ONNX model
     */
    public static ModelInspection of(Path onnx) throws IOException {
        StoredModel whole = ModelReader.open(onnx);
        StoredModel stored = whole.with(CacheBranch.without(whole.proto()));
        ModelProto model = stored.proto();
        Map<String, Long> opsets = new TreeMap<>();
        model.getOpsetImportList()
                .forEach(one -> opsets.put(one.getDomain().isEmpty() ? "onnx" : one.getDomain(), one.getVersion()));
        long parameters = 0;
        Map<String, Long> bytes = new TreeMap<>();
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            ElementType type = ElementType.ofCode(weight.getDataType());
            long count = Shapes.count(
                    weight.getDimsList().stream().mapToLong(Long::longValue).toArray());
            parameters += type == ElementType.INT64 ? 0 : count; // shapes and axes
            bytes.merge(type.name(), type.bytes(count), Long::sum);
        }
        Set<String> modules = new TreeSet<>(ModulePaths.of(model).all());
        return new ModelInspection(
                (model.getProducerName() + " " + model.getProducerVersion()).strip(),
                opsets,
                described(model.getGraph().getInputList()),
                described(model.getGraph().getOutputList()),
                parameters,
                bytes,
                layers(modules),
                TiedWeights.of(stored).pairs(),
                modules,
                Specializer.lowered(model),
                findRefusal(stored));
    }

    /** Kits are tried with an adapter in every module, for the task that the logits have the shape of. */
    private static Optional<String> findRefusal(StoredModel model) {
        try {
            LoraSpec lora = new LoraSpec(1, 1, List.of("all-linear"), Factors.BOTH, 0);
            TrialSpec trial = TrialSpec.of(model.proto(), lora, 2, 8);
            new TrainingGraph(model, trial.labels(), trial.spec(), ElementType.FLOAT);
            return Optional.empty();
        } catch (GraphRefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static int layers(Set<String> modules) {
        int layers = 0;
        for (String module : modules) {
            Matcher number = NUMBER.matcher(module);
            layers = number.find() ? Math.max(layers, Integer.parseInt(number.group(1)) + 1) : layers;
        }
        return layers;
    }

    private static List<String> described(List<ValueInfoProto> values) {
        List<String> described = new ArrayList<>();
        for (ValueInfoProto value : values) {
            List<String> axes = new ArrayList<>();
            for (Dimension axis : value.getType().getTensorType().getShape().getDimList()) {
                axes.add(axis.hasDimValue() ? Long.toString(axis.getDimValue()) : axis.getDimParam());
            }
            int type = value.getType().getTensorType().getElemType();
            described.add(value.getName() + " " + ElementType.ofCode(type) + axes);
        }
        return described;
    }
}
