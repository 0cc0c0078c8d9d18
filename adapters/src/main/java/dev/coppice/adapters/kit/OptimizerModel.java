package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The optimizer graph of a training session: AdamW whose memory can be wiped. The session offers no way to reach the
 * moments, so that the sign of the learning rate says what to do: above 0 takes a step; below 0 sets both moments to
 * zero and leaves the parameters alone, so that one session can train many adapters in turn. Bias correction is the
 * caller's (it scales the learning rate), for the session's own step counter cannot be wiped.
 */
final class OptimizerModel {
    private static final String LEARNING_RATE = "learning_rate";
    private static final List<String> SEQUENCES =
            List.of("params", "gradients", "first_order_moments", "second_order_moments");
    private static final float BETA_1 = 0.9f;
    private static final float BETA_2 = 0.999f;
    private static final float EPSILON = 1e-8f;

    private OptimizerModel() {}

    static ModelProto of(int parameters) {
        return of(parameters, EPSILON);
    }

    /** @param epsilon added to the root of the second moment */
    static ModelProto of(int parameters, float epsilon) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("optimizer");
        graph.addInput(Protos.info(LEARNING_RATE, ElementType.FLOAT, List.of(Dim.fixed(1))));
        graph.addInput(Protos.info("step", ElementType.INT64, List.of(Dim.fixed(1))));
        SEQUENCES.forEach(name -> graph.addInput(sequence(name)));
        graph.addInitializer(Protos.tensor("zero", Tensor.ofFloats(new float[1], 1)));
        add(graph, "", "Less", Attributes.none(), List.of(LEARNING_RATE, "zero"), "is_reset");
        add(graph, "", "Not", Attributes.none(), List.of("is_reset"), "is_step");
        List<String> step = List.of(
                LEARNING_RATE,
                "step",
                SEQUENCES.get(0),
                SEQUENCES.get(1),
                SEQUENCES.get(2),
                SEQUENCES.get(3),
                "is_step");
        add(graph, Node.MICROSOFT, "AdamWOptimizer", adamW(BETA_1, BETA_2, epsilon), step, "stepped");
        Attributes branches =
                Attributes.none().graph("then_branch", reset(parameters)).graph("else_branch", nothing());
        add(graph, "", "If", branches, List.of("is_reset"), "updated");
        graph.addOutput(flag("updated"));
        return Protos.model(graph, ModelBuilder.OPSET);
    }

    /** AdamW with both decays 0 and gradients 0: moments become 0, and with a learning rate of 0 nothing else moves. */
    private static GraphProto reset(int parameters) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("reset");
        List<String> zeros = new ArrayList<>();
        for (int i = 0; i < parameters; i++) {
            graph.addInitializer(Protos.tensor("index_" + i, Tensor.scalar(ElementType.INT64, i)));
            add(graph, "", "SequenceAt", Attributes.none(), List.of(SEQUENCES.get(2), "index_" + i), "moment_" + i);
            add(graph, "", "Mul", Attributes.none(), List.of("moment_" + i, "zero"), "zeros_" + i);
            zeros.add("zeros_" + i);
        }
        add(graph, "", "SequenceConstruct", Attributes.none(), zeros, "all_zeros");
        List<String> inputs =
                List.of("zero", "step", SEQUENCES.get(0), "all_zeros", SEQUENCES.get(2), SEQUENCES.get(3));
        add(graph, Node.MICROSOFT, "AdamWOptimizer", adamW(0, 0, EPSILON), inputs, "wiped");
        return graph.addOutput(flag("wiped")).build();
    }

    private static GraphProto nothing() {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("nothing");
        add(graph, "", "Identity", Attributes.none(), List.of("stepped"), "unchanged");
        return graph.addOutput(flag("unchanged")).build();
    }

    private static Attributes adamW(float beta1, float beta2, float epsilon) {
        return Attributes.none()
                .real("alpha", beta1)
                .real("beta", beta2)
                .real("epsilon", epsilon)
                .real("weight_decay", 0)
                .integer("correct_bias", 0)
                .integer("adam_mode", 1);
    }

    private static void add(
            GraphProto.Builder graph, String domain, String op, Attributes attributes, List<String> in, String out) {
        graph.addNode(Protos.node(new Node(domain, op, attributes, in, List.of(out)), graph.getNodeCount()));
    }

    private static ValueInfoProto flag(String name) {
        return Protos.info(name, ElementType.BOOL, List.of(Dim.fixed(1)));
    }

    private static ValueInfoProto sequence(String name) {
        TypeProto.Builder element = TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(ElementType.FLOAT.code()));
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(element)))
                .build();
    }
}
