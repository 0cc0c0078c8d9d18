package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One pass over a graph: its calls are made anew, one after the other, some of them in another way. */
final class Rewriting {
    private final Graph target;
    private final Ops ops;
    private final Map<Value, Value> replaced = new HashMap<>();
    private final Map<Value, Integer> uses = new HashMap<>();
    private final Set<Value> outputs;

    private Rewriting(Graph source, List<Value> outputs) {
        this.target = source.withoutCalls();
        this.ops = new Ops(target);
        this.outputs = Set.copyOf(outputs);
        source.callsFor(outputs).forEach(call -> call.inputs().forEach(this::count));
        outputs.forEach(this::count);
    }

    /** The graph that computes the same outputs, which keep their names, with the pattern's calls where it fits. */
    static Graph run(Graph source, List<Value> outputs, Pattern pattern) {
        Rewriting rewriting = new Rewriting(source, outputs);
        source.callsFor(outputs).forEach(call -> rewriting.rewrite(call, pattern));
        return rewriting.target;
    }

    Ops ops() {
        return ops;
    }

    /** The call of this operator that computes a value of the new graph. */
    Optional<Call> findMaker(Value value, String op) {
        return target.findMaker(value, op);
    }

    /** Whether nothing but one call needs the value, so that another call may compute it along with its own. */
    boolean isUsedOnce(Value value) {
        return uses.getOrDefault(value, 0) == 1;
    }

    private void rewrite(Call call, Pattern pattern) {
        List<Value> inputs = call.inputs().stream()
                .map(input -> replaced.getOrDefault(input, input))
                .toList();
        Call asked = call.with(inputs);
        boolean isNamed = call.outputs().stream().anyMatch(outputs::contains);
        Optional<List<Value>> found = isNamed ? Optional.empty() : pattern.replace(asked, this);
        if (found.isEmpty()) {
            target.again(call, inputs);
            return;
        }
        for (int i = 0; i < call.outputs().size(); i++) {
            Value before = call.outputs().get(i);
            Value now = found.get().get(i);
            replaced.put(before, now);
            uses.merge(now, uses.getOrDefault(before, 0), Integer::sum);
        }
    }

    private void count(Value value) {
        uses.merge(value, 1, Integer::sum);
    }
}
