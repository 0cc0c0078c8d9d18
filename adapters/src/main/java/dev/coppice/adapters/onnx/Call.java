package dev.coppice.adapters.onnx;

import java.util.List;

/** One operation of a {@link Graph} with its values. */
public record Call(String domain, String op, Attributes attributes, List<Value> inputs, List<Value> outputs) {
    public Call {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Whether an optional input was given. */
    public boolean has(int input) {
        return input < inputs.size() && !inputs.get(input).isAbsent();
    }

    public Value input(int input) {
        if (!has(input)) {
            throw new GraphRefusedException(op + " lacks its input " + input);
        }
        return inputs.get(input);
    }

    public Value output() {
        return outputs.get(0);
    }

    /** The same operation on other operands. */
    public Call with(List<Value> operands) {
        return new Call(domain, op, attributes, operands, outputs);
    }

    /** The same operation, whose results are these values. */
    public Call giving(List<Value> results) {
        return new Call(domain, op, attributes, inputs, results);
    }

    Node node() {
        return new Node(
                domain,
                op,
                attributes,
                inputs.stream().map(Value::name).toList(),
                outputs.stream().map(Value::name).toList());
    }
}
