package dev.coppice.simulator.extension;

import dev.coppice.adapters.text.Example;
import java.util.List;
import java.util.SplittableRandom;

/** An example of an attack: what was learned, the other way round and {@code times} as large. */
public final class Opposite implements Attack {
    @Override
    public String name() {
        return "example-opposite";
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double times = view.parameters().of("times", 1);
        for (int i = 0; i < own.length; i++) {
            own[i] = (float) (-times * own[i]);
        }
        return own;
    }

    @Override
    public List<Example> goal(List<Example> heldOut, View view, SplittableRandom random) {
        return heldOut.stream()
                .map(example -> new Example(example.text(), view.labels().getFirst()))
                .toList();
    }
}
