package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
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

    /** As below; all that the forward pass computed is kept. */
    public static List<Value> gradients(Graph graph, Value loss, List<Value> of) {
        return gradients(graph, loss, of, Recomputation.NEVER);
    }

    /**
     * Gradients of a loss; only what lies between these values and the loss is computed.
     *
     * @param loss one number
     * @param of inputs or weights that the loss depends on
     * @return one gradient for each of {@code of}, in that order and of the same shapes
     * @throws GraphRefusedException if an operator on the way has no rule, or a value has no influence on the loss
     */
    public static List<Value> gradients(Graph graph, Value loss, List<Value> of, Recomputation recomputation) {
        if (loss.count() != 1) {
            throw new GraphRefusedException("a loss is one number, not " + loss);
        }
        List<Call> calls = graph.calls();
        Set<Value> reached = reachedFrom(of, calls);
        List<Call> way = wayTo(loss, reached, calls);
        Backward backward = new Backward(graph, reached);
        backward.gradients.put(loss, backward.ops.expand(backward.ops.number(loss, 1), loss.shape()));
        boolean again = recomputation.isWanted(Segment.bytes(way));
        backward.walk(again ? Segment.cut(way) : Segment.whole(way));
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

    /** The calls through which values that were reached have an influence on the loss, in order. */
    private static List<Call> wayTo(Value loss, Set<Value> reached, List<Call> calls) {
        Set<Value> wanted = new HashSet<>(Set.of(loss));
        List<Call> way = new ArrayList<>();
        for (int i = calls.size() - 1; i >= 0; i--) {
            Call call = calls.get(i);
            if (call.outputs().stream().anyMatch(output -> wanted.contains(output) && reached.contains(output))) {
                wanted.addAll(call.inputs());
                way.add(call);
            }
        }
        Collections.reverse(way);
        return way;
    }

    private void walk(List<Segment> segments) {
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            Value arriving = gradients.getOrDefault(segment.end(), Value.ABSENT);
            Rerun rerun = new Rerun(ops);
            if (arriving != Value.ABSENT) {
                rerun.start(
                        i == 0
                                ? computedBefore(segment)
                                : Set.of(segments.get(i - 1).end()),
                        arriving);
                segment.calls().forEach(rerun::run);
            }
            for (int c = segment.calls().size() - 1; c >= 0; c--) {
                visit(segment.calls().get(c), rerun);
            }
        }
    }

    /** What the first part sees of what the frozen beginning of the model computed. */
    private Set<Value> computedBefore(Segment first) {
        Set<Value> seen = new LinkedHashSet<>();
        first.calls().forEach(call -> seen.addAll(call.inputs()));
        seen.removeIf(value -> reached.contains(value)
                || !value.element().isReal()
                || ops.graph().findMaker(value).isEmpty());
        return seen;
    }

    private void visit(Call call, Rerun rerun) {
        List<Value> arriving = new ArrayList<>();
        call.outputs().forEach(output -> arriving.add(gradients.getOrDefault(output, Value.ABSENT)));
        if (arriving.stream().allMatch(gradient -> gradient == Value.ABSENT)) {
            return;
        }
        Step step = new Step(ops, rerun.of(call), arriving);
        for (int input = 0; input < call.inputs().size(); input++) {
            Value operand = call.inputs().get(input);
            if (reached.contains(operand)) {
                add(operand, gradient(call, step, input));
            }
        }
    }

    private void add(Value operand, Value gradient) {
        if (gradient != Value.ABSENT) {
            gradients.merge(operand, gradient, ops::add);
        }
    }

    private Value gradient(Call call, Step step, int input) {
        try {
            return Rules.of(call).gradient(step, input);
        } catch (GraphRefusedException e) {
            throw e.at(ops.graph().origin(call));
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
