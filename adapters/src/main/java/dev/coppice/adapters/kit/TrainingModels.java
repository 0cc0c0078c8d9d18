package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.autodiff.Backward;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.fusion.Fusion;
import dev.coppice.adapters.fusion.Kernels;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.List;

/** Adds the gradients of a loss to the graph that computes it, and cuts the models of a session out of both. */
final class TrainingModels {
    static final String LOSS = "loss";
    private static final String EVALUATED = "eval_loss";
    static final String GRADIENT = "_grad";

    private final Graph graph;
    private final List<Value> fed;
    private final Value loss;
    private final Value objective;
    private final List<Value> gradients = new ArrayList<>();

    /**
     * @param inputs what is fed at each step
     * @param loss one number, which is reported
     * @param objective one number, which is minimised
     */
    TrainingModels(
            Graph graph,
            List<Value> inputs,
            Trainables trainables,
            Value loss,
            Value objective,
            Recomputation recomputation) {
        this.graph = graph;
        this.loss = graph.named(LOSS, loss);
        this.objective = objective;
        this.fed = new ArrayList<>(inputs);
        fed.addAll(trainables.values());
        List<Value> found = Backward.gradients(graph, objective, trainables.values(), recomputation);
        for (int i = 0; i < found.size(); i++) {
            gradients.add(graph.named(trainables.values().get(i).name() + GRADIENT, found.get(i)));
        }
    }

    /** Loss and one gradient for each trainable, for an inference session. */
    ModelProto plain(Placement placement) {
        return gradients(Kernels.STOCK, placement);
    }

    /** The same, as a runtime that has these kernels computes it best. */
    ModelProto gradients(Kernels kernels, Placement placement) {
        List<Value> outputs = new ArrayList<>(List.of(loss));
        outputs.addAll(gradients);
        return Fusion.of(graph, outputs, kernels).model("gradients", fed, outputs, placement);
    }

    /** As {@link #plain}, with what is minimised in the place of the loss: the gradients are those of this number. */
    ModelProto minimised() {
        List<Value> outputs = new ArrayList<>(List.of(graph.named("objective", objective)));
        outputs.addAll(gradients);
        return graph.model("minimised", fed, outputs, Placement.INSIDE);
    }

    /** Loss and scores of a replay that may not be the trained one (dropout is for training). */
    ModelProto eval(Value evaluated, List<Value> scores, Placement placement) {
        List<Value> outputs = new ArrayList<>(List.of(graph.named(EVALUATED, evaluated)));
        outputs.addAll(scores);
        return Fusion.of(graph, outputs, Kernels.STOCK).model("eval", fed, outputs, placement);
    }

    /** What a training session runs. */
    ModelProto training(Placement placement) {
        return Accumulation.of(gradients(Kernels.TRAINING, placement));
    }
}
