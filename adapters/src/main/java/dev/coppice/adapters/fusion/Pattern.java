package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Optional;

/** One way to compute the same as some calls, found by the last of them. */
@FunctionalInterface
interface Pattern {
    /**
     * What to use in place of a call's outputs, in their order and types; empty to leave the call as it is.
     *
     * @param call on operands of the new graph
     */
    Optional<List<Value>> replace(Call call, Rewriting rewriting);
}
