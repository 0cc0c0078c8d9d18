package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.autodiff.Backward;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.fusion.Fusion;
import dev.coppice.adapters.fusion.Kernels;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.List;

/** Adds the gradients of a loss to the graph that computes it, and cuts the models of a session out of both. */
final class TrainingModels {
    static final String LOSS = "loss";
    private static final String EVALUATED = "eval_loss";
    static final String GRADIENT_SQUARES = "gradient_squares";
    static final String RESET = "lazy_reset_grad";
    static final String GRADIENT = "_grad";
    static final String BUFFER = GRADIENT + ".accumulation.buffer";
    private static final String ACCUMULATED = GRADIENT + ".accumulation.out";

    private final Graph graph;
    private final List<Value> fed;
    private final Trainables trainables;
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
        this.trainables = trainables;
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
        List<Value> outputs = new ArrayList<>(List.of(loss));
        outputs.addAll(gradients);
        return Fusion.of(graph, outputs, Kernels.STOCK).model("plain", fed, outputs, placement);
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

    /**
     * The model of a training session: loss, the sum of all squared gradients (so that a step can be refused before
     * anything is spoilt), and gradients added to the session's buffers.
     */
    ModelProto training(Placement placement) {
        Ops ops = new Ops(graph);
        Value[] parts = gradients.stream().map(ops::totalOfSquares).toArray(Value[]::new);
        Value squares = graph.call("Sum", Attributes.none(), parts);
        List<Value> inputs = new ArrayList<>(fed);
        List<Value> outputs = new ArrayList<>(List.of(loss, graph.named(GRADIENT_SQUARES, squares)));
        Value reset = graph.input(RESET, TensorType.of(ElementType.BOOL, 1));
        for (int i = 0; i < gradients.size(); i++) {
            String name = trainables.values().get(i).name();
            Value gradient = gradients.get(i);
            Value buffer = graph.input(name + BUFFER, gradient.type());
            inputs.add(buffer);
            outputs.add(graph.callNamed(
                    name + ACCUMULATED, Node.MICROSOFT, "InPlaceAccumulatorV2", List.of(buffer, gradient, reset)));
        }
        inputs.add(reset);
        return Fusion.of(graph, outputs, Kernels.TRAINING).model("training", inputs, outputs, placement);
    }
}
