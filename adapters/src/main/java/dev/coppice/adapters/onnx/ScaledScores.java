package dev.coppice.adapters.onnx;

/**
 * softmax(scale q k' + what hides) v (Vaswani et al. 2017) for queries [batch, heads, length, size] and as many keys and
 * values or fewer, each shared by a group of heads (Ainslie et al. 2023). What hides is the same for all layers of a
 * model and is therefore computed once.
 */
final class ScaledScores {
    private static final double HIDDEN = -1e9;

    private final Ops ops;
    private final Value like;
    private final double scale;
    private final double softcap;
    private final long length;
    private Value added = Value.ABSENT;

    /** @param softcap scores become softcap tanh(score / softcap); 0 leaves them */
    ScaledScores(Ops ops, Value q, double scale, double softcap) {
        this.ops = ops;
        this.like = q;
        this.scale = scale;
        this.softcap = softcap;
        this.length = q.size(2);
    }

    /** Hides what comes later. */
    ScaledScores causal(boolean causal) {
        if (causal) {
            keep(ops.compare("LessOrEqual", ops.range(length), ops.unsqueeze(ops.range(length), 1)));
        }
        return this;
    }

    /** Hides what is this far back or farther; -1 hides nothing. */
    ScaledScores window(long window) {
        if (window > 0 && window < length) {
            Value reach = ops.sub(ops.unsqueeze(ops.range(length), 1), ops.integers(window));
            keep(ops.compare("Greater", ops.range(length), reach));
        }
        return this;
    }

    /** Hides padding: the mask is [batch] (how many tokens are real), [batch, keys] or [batch, length, keys]. */
    ScaledScores padding(Value mask, long keys) {
        if (mask.isAbsent()) {
            return this;
        }
        if (mask.rank() == 1) {
            if (mask.size(0) != like.size(0)) {
                throw new GraphRefusedException("a mask " + mask.type() + " is not supported");
            }
            Value places = ops.cast(ops.range(keys), mask.element());
            Value real = ops.compare("Less", places, ops.unsqueeze(mask, 1));
            return keep(ops.reshape(real, mask.size(0), 1, 1, keys));
        }
        Value real = ops.compare("Greater", mask, ops.number(mask, 0));
        return switch (mask.rank()) {
            case 2 -> keep(ops.reshape(real, mask.size(0), 1, 1, mask.size(1)));
            case 3 -> keep(ops.unsqueeze(real, 1));
            default -> throw new GraphRefusedException("a mask of rank " + mask.rank() + " is not supported");
        };
    }

    /** Hides what is false; broadcast to [batch, heads, length, keys]. */
    ScaledScores keep(Value visible) {
        return bias(ops.where(visible, ops.number(like, 0), ops.number(like, HIDDEN)));
    }

    /** Adds to the scores; broadcast to [batch, heads, length, keys]. */
    ScaledScores bias(Value bias) {
        if (!bias.isAbsent()) {
            added = added.isAbsent() ? bias : ops.add(added, bias);
        }
        return this;
    }

    /** The mixed values, [batch, heads, length, size of v]. */
    Value mix(Value q, Value k, Value v) {
        long batch = q.size(0);
        long heads = q.size(1);
        long groups = k.size(1);
        long keys = k.size(2);
        Value grouped = ops.reshape(q, batch, groups, heads / groups * length, q.size(3));
        Value raw = ops.scale(ops.matMul(grouped, ops.swap(k)), scale);
        Value scores = capped(ops.reshape(raw, batch, heads, length, keys));
        Value hidden = added.isAbsent() ? scores : ops.add(scores, added);
        Value weights = ops.graph().call("Softmax", Attributes.none().integer("axis", -1), hidden);
        Value mixed = ops.matMul(ops.reshape(weights, batch, groups, heads / groups * length, keys), v);
        return ops.reshape(mixed, batch, heads, length, v.size(3));
    }

    private Value capped(Value scores) {
        return softcap == 0 ? scores : ops.scale(ops.unary("Tanh", ops.scale(scores, 1 / softcap)), softcap);
    }
}
