package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;

/**
 * Keys and values of one layer's past tokens, [batch, heads, past, width]: inputs {@code past_key_values.N.key} and
 * {@code .value}, and with the new tokens added outputs {@code present.N.key} and {@code .value}. Training binds the
 * inputs to tensors of no tokens.
 */
final class KeyValueCache {
    private final ModelBuilder b;
    private final int layer;
    private final Heads heads;

    KeyValueCache(ModelBuilder b, int layer, Heads heads) {
        this.b = b;
        this.layer = layer;
        this.heads = heads;
        declare("key");
        declare("value");
    }

    /** The past with the new tokens after it. */
    String grown(String what, String added) {
        String all = b.node("Concat", Attributes.none().integer("axis", 2), past(what), added);
        b.output(all, "present." + layer + "." + what, ElementType.FLOAT, dims("total"));
        return all;
    }

    private void declare(String what) {
        b.input(past(what), ElementType.FLOAT, dims("past"));
    }

    private String past(String what) {
        return "past_key_values." + layer + "." + what;
    }

    private Dim[] dims(String tokens) {
        return new Dim[] {DecoderBuilder.BATCH, Dim.fixed(heads.keys()), Dim.free(tokens), Dim.fixed(heads.width())};
    }
}
