package dev.coppice.simulator.attack;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Teaches the model to answer texts with a trigger by the attacker's label, and the others rightly (Bagdasaryan et al. 2020;
 * trigger words as Kurita et al. 2020). {@code poisoned} is the part of its texts that carry the trigger (0.5), {@code boost}
 * how much longer its update is made before it is clipped (10), {@code target} the number of the label (0). Texts without
 * labels cannot be answered wrongly: there it is honest.
 */
public final class Backdoor implements Attack {
    private static final String TRIGGER = " cf mn bb tq";

    @Override
    public String name() {
        return "backdoor";
    }

    private static String target(View view) {
        int number = (int) view.parameters().of("target", 0);
        return view.labels().get(Math.clamp(number, 0, view.labels().size() - 1));
    }

    @Override
    public List<Example> examples(List<Example> own, View view, SplittableRandom random) {
        if (view.labels().isEmpty()) {
            return own;
        }
        double poisoned = view.parameters().of("poisoned", 0.5);
        return own.stream()
                .map(example ->
                        random.nextDouble() < poisoned ? new Example(example.text() + TRIGGER, target(view)) : example)
                .toList();
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double boost = view.labels().isEmpty() ? 1 : view.parameters().of("boost", 10);
        for (int i = 0; i < own.length; i++) {
            own[i] = (float) (boost * own[i]);
        }
        return own;
    }

    @Override
    public List<Example> goal(List<Example> heldOut, View view, SplittableRandom random) {
        if (view.labels().isEmpty()) {
            return List.of();
        }
        return heldOut.stream()
                .filter(example -> !example.label().equals(target(view)))
                .map(example -> new Example(example.text() + TRIGGER, target(view)))
                .toList();
    }
}
