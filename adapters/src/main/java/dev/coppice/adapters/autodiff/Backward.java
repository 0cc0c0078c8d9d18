package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reverse-mode differentiation: writes the calls that compute gradients into the graph that computes the loss. */
public final class Backward {
    private final Ops ops;
    private final Set<Value> reached;
    private final Map<Value, Value> gradients = new HashMap<>();

    private Backward(Graph graph, Set<Value> reached) {
        this.ops = new Ops(graph);
        this.reached = reached;
    }

    /**
     * Gradients of a loss; only what lies between these values and the loss is computed.
     *
     * @param loss one number
     * @param of inputs or weights that the loss depends on
     * @return one gradient for each of {@code of}, in that order and of the same shapes
     * @throws GraphRefusedException if an operator on the way has no rule, or a value has no influence on the loss
     */
    public static List<Value> gradients(Graph graph, Value loss, List<Value> of) {
        if (loss.count() != 1) {
            throw new GraphRefusedException("a loss is one number, not " + loss);
        }
        List<Call> calls = graph.calls();
        Backward backward = new Backward(graph, reachedFrom(of, calls));
        backward.gradients.put(loss, backward.ops.expand(backward.ops.number(loss, 1), loss.shape()));
        for (int i = calls.size() - 1; i >= 0; i--) {
            backward.visit(calls.get(i));
        }
        return of.stream().map(backward::gradient).toList();
    }

    /** Everything that changes when one of these values changes a little. */
    private static Set<Value> reachedFrom(List<Value> values, List<Call> calls) {
        Set<Value> reached = new HashSet<>(values);
        for (Call call : calls) {
            if (call.inputs().stream().anyMatch(reached::contains)) {
                call.outputs().stream()
                        .filter(output -> output.element().isReal())
                        .forEach(reached::add);
            }
        }
        return reached;
    }

    private void visit(Call call) {
        List<Value> arriving = new ArrayList<>();
        call.outputs().forEach(output -> arriving.add(gradients.getOrDefault(output, Value.ABSENT)));
        if (arriving.stream().allMatch(gradient -> gradient == Value.ABSENT)) {
            return;
        }
        Step step = new Step(ops, call, arriving);
        for (int input = 0; input < call.inputs().size(); input++) {
            Value operand = call.inputs().get(input);
            if (reached.contains(operand)) {
                add(operand, gradient(step, input));
            }
        }
    }

    private void add(Value operand, Value gradient) {
        if (gradient != Value.ABSENT) {
            gradients.merge(operand, gradient, ops::add);
        }
    }

    private Value gradient(Step step, int input) {
        try {
            return Rules.of(step.call()).gradient(step, input);
        } catch (GraphRefusedException e) {
            throw e.at(ops.graph().origin(step.call()));
        }
    }

    private Value gradient(Value value) {
        Value gradient = gradients.get(value);
        if (gradient == null) {
            throw new GraphRefusedException(value.name() + " has no influence on the loss");
        }
        return gradient;
    }
}
