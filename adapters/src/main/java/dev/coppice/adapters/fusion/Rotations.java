package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Rotary positions ahead of a change of axes come after it, so that a product behind them can be turned in one go. */
final class Rotations implements Pattern {
    private static final long[] HEADS_JOIN = {0, 2, 1, 3};

    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        boolean joins = call.op().equals("Transpose")
                && call.attributes()
                        .findIntegers("perm")
                        .filter(perm -> Arrays.equals(perm, HEADS_JOIN))
                        .isPresent();
        return joins && rewriting.isUsedOnce(call.input(0))
                ? rewriting.findMaker(call.input(0), "RotaryEmbedding").map(rotary -> after(call, rotary, rewriting))
                : Optional.empty();
    }

    private static List<Value> after(Call join, Call rotary, Rewriting rewriting) {
        Ops ops = rewriting.ops();
        Value x = rotary.input(0);
        long heads = x.size(1);
        List<Value> inputs = new ArrayList<>(rotary.inputs());
        inputs.set(0, ops.joined(x));
        Attributes attributes = rotary.attributes().integer("num_heads", heads);
        Value turned = ops.graph()
                .callAll(rotary.domain(), rotary.op(), attributes, inputs)
                .get(0);
        return List.of(ops.reshape(turned, join.output().shape()));
    }
}
