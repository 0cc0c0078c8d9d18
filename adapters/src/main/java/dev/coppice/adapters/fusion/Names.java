package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Outputs are computed under their names, not copied to them. */
final class Names {
    private Names() {}

    /** The same graph without the copies that give values their names. */
    static Graph of(Graph source, List<Value> outputs) {
        Map<Value, Value> named = new HashMap<>();
        for (Value output : outputs) {
            source.findMaker(output, "Identity")
                    .map(copy -> copy.input(0))
                    .filter(value -> source.findMaker(value).isPresent() && !outputs.contains(value))
                    .ifPresent(value -> named.putIfAbsent(value, output));
        }
        Graph target = source.withoutCalls();
        for (Call call : source.callsFor(outputs)) {
            if (call.inputs().isEmpty() || named.get(call.inputs().get(0)) != call.output()) {
                List<Value> inputs = renamed(call.inputs(), named);
                target.again(call.giving(renamed(call.outputs(), named)), inputs);
            }
        }
        return target;
    }

    private static List<Value> renamed(List<Value> values, Map<Value, Value> named) {
        return values.stream().map(value -> named.getOrDefault(value, value)).toList();
    }
}
