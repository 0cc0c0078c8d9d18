package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import dev.coppice.adapters.lora.LoraSpec;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A kit to try on a model of which only the graph is known: classification if its logits have two axes, else
 * language modelling.
 *
 * @param labels of the model's own head, made up
 */
record TrialSpec(KitSpec spec, List<String> labels) {
    static TrialSpec of(ModelProto model, LoraSpec lora, int batch, int length) {
        List<Dimension> logits = model.getGraph().getOutputList().stream()
                .filter(output -> output.getName().equals("logits"))
                .map(output -> output.getType().getTensorType().getShape().getDimList())
                .findFirst()
                .orElse(List.of());
        int classes = logits.size() == 2 ? (int) logits.get(1).getDimValue() : 0;
        if (classes < 2) {
            return new TrialSpec(new KitSpec(Task.CAUSAL_LM, lora, List.of(), batch, length), List.of());
        }
        List<String> labels =
                IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        return new TrialSpec(new KitSpec(Task.TEXT_CLASSIFICATION, lora, labels, batch, length), labels);
    }
}
