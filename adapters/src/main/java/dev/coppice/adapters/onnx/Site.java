package dev.coppice.adapters.onnx;

import java.util.List;

/** Where an operator is met in a model: its call, and what it may be written with. */
final class Site {
    /** Makes a call that is itself lowered if it has to be. */
    @FunctionalInterface
    interface Calls {
        List<Value> make(String domain, String op, Attributes attributes, List<Value> inputs);
    }

    /** Multiplies by an input that may be a weight, beside which something may have to be put. */
    @FunctionalInterface
    interface Products {
        Value times(Value x, int input, boolean transposed);
    }

    /** Puts beside the product with an input, a matrix [out, in], what has to be put there. */
    @FunctionalInterface
    interface Besides {
        Value beside(Value x, int input, Value y);
    }

    private final Call call;
    private final int version;
    private final int outputs;
    private final Ops ops;
    private final Calls calls;
    private final Products products;
    private final Besides besides;

    /**
     * @param version of the operators of the call's domain, as the model declares it
     * @param outputs how many the model asks for
     */
    Site(Call call, int version, int outputs, Ops ops, Calls calls, Products products, Besides besides) {
        this.call = call;
        this.version = version;
        this.outputs = outputs;
        this.ops = ops;
        this.calls = calls;
        this.products = products;
        this.besides = besides;
    }

    Call call() {
        return call;
    }

    Attributes attributes() {
        return call.attributes();
    }

    boolean has(int input) {
        return call.has(input);
    }

    Value in(int input) {
        return call.input(input);
    }

    int version() {
        return version;
    }

    int outputs() {
        return outputs;
    }

    Ops ops() {
        return ops;
    }

    /** Whether the graph is one for numerical checks, in which only standard operators work. */
    boolean isDouble() {
        return call.inputs().stream().anyMatch(input -> input.element() == ElementType.DOUBLE);
    }

    /** The same operator, in the form that graphs know it in. */
    List<Value> same(Attributes attributes, List<Value> inputs) {
        return ops.graph().callAll(call.domain(), call.op(), attributes, inputs);
    }

    /** A standard operator. */
    Value call(String op, Attributes attributes, Value... inputs) {
        return ops.graph().call(op, attributes, inputs);
    }

    /** Another operator that may have to be lowered in turn. */
    List<Value> lowered(String domain, String op, Attributes attributes, List<Value> inputs) {
        return calls.make(domain, op, attributes, inputs);
    }

    /** x times an input of the call, [in, out]. */
    Value product(Value x, int input) {
        return products.times(x, input, false);
    }

    /** x times an input of the call, [out, in] or stacks of such. */
    Value productWithTransposed(Value x, int input) {
        return products.times(x, input, true);
    }

    /** The product y of x with an input of the call, [out, in] however it is stored, or what takes its place. */
    Value beside(Value x, int input, Value y) {
        return besides.beside(x, input, y);
    }

    /** @throws GraphRefusedException always, if the condition does not hold */
    void require(boolean holds, String what) {
        if (!holds) {
            throw new GraphRefusedException(what);
        }
    }
}
