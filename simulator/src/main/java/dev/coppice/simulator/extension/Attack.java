package dev.coppice.simulator.extension;

import dev.coppice.adapters.text.Example;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What malicious devices do. They share what they know: each sees the honest updates of all of them in a round before it
 * answers. Everything left as it is here is what an honest device does.
 */
public interface Attack extends Named {
    /**
     * What an attacker sees.
     *
     * @param parameters of the scenario
     * @param labels of the task; empty for language models
     * @param clipNorm L2 bound of an update in this round
     * @param attackers malicious devices in this round
     * @param cohort devices that the round takes at most
     */
    record View(Parameters parameters, List<String> labels, int round, double clipNorm, int attackers, int cohort) {}

    /** Whether devices train at all; who does not, hands in zeros unless {@link #update} says otherwise. */
    default boolean trains() {
        return true;
    }

    /** What a malicious device trains on. */
    default List<Example> examples(List<Example> own, View view, SplittableRandom random) {
        return own;
    }

    /**
     * What a malicious device hands in.
     *
     * @param own what it trained; may be changed and returned
     * @param all what all malicious devices of the round trained, its own among them; to be left as they are
     */
    default float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        return own;
    }

    /** Whether devices clip as honest ones do. If not, they scale as if the clip norm were as large as their update's. */
    default boolean clips() {
        return true;
    }

    /**
     * Held-out examples as the attacker wants them answered: with its trigger and its label. The part that is, is the attack's
     * success.
     *
     * @return none if the attack only does harm
     */
    default List<Example> goal(List<Example> heldOut, View view, SplittableRandom random) {
        return List.of();
    }
}
