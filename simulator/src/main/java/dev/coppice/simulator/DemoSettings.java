package dev.coppice.simulator;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.merge.Alternation;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.adapters.merge.MergeRule;
import dev.coppice.adapters.merge.SumRule;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a demo is asked to do.
 *
 * @param devices virtual devices, {@link #DEVICES_MIN} to {@link #DEVICES_MAX}
 * @param rounds attempts at a round, aborted ones counted, 1 to {@link #ROUNDS_MAX}
 * @param model folder of the base model; empty: the one that comes with Coppice
 * @param data the texts to distribute over the devices; empty: made-up people who speak to an assistant
 * @param task what to train for; empty: what fits the data
 * @param dropout probability that a device which starts a round does not finish it, 0 to {@link #DROPOUT_MAX}
 * @param epsilon what each device may spend in the whole run; empty: no noise
 * @param clipQuantile part of the updates that the clip norm is to leave alone, above 0 and below 1, learned from a noised
 *     count; empty: the same norm in all rounds
 * @param mergeRule what becomes of LoRA factors, by name: one that lives on a sum
 * @param seed everything is drawn from it, the noise included; empty: the operating system's randomness
 * @param out folder for all that the run leaves behind
 */
public record DemoSettings(
        int devices,
        int rounds,
        Optional<Path> model,
        Optional<Path> data,
        Optional<Task> task,
        double dropout,
        OptionalDouble epsilon,
        OptionalDouble clipQuantile,
        String mergeRule,
        OptionalLong seed,
        Path out) {
    public static final int DEVICES_MIN = 8;
    public static final int DEVICES_MAX = 5_000;
    public static final int ROUNDS_MAX = 200;
    public static final double DROPOUT_MAX = 0.3;
    /** The usual one. */
    public static final String MERGE_RULE = "ffa";
    /** Probability with which the privacy guarantee may fail. */
    public static final double DELTA = 1e-8;

    public DemoSettings {
        require(
                devices >= DEVICES_MIN && devices <= DEVICES_MAX,
                "--devices must lie between " + DEVICES_MIN + " and " + DEVICES_MAX + ", not " + devices);
        require(
                rounds >= 1 && rounds <= ROUNDS_MAX,
                "--rounds must lie between 1 and " + ROUNDS_MAX + ", not " + rounds);
        require(
                dropout >= 0 && dropout <= DROPOUT_MAX,
                "--dropout is a probability between 0 and " + DROPOUT_MAX + ", not " + dropout);
        require(
                epsilon.isEmpty() || (epsilon.getAsDouble() >= 0.05 && epsilon.getAsDouble() <= 1000),
                "--epsilon must lie between 0.05 and 1000, or be off");
        require(
                clipQuantile.isEmpty() || (clipQuantile.getAsDouble() > 0 && clipQuantile.getAsDouble() < 1),
                "--clip-quantile must lie between 0 and 1");
        SumRule rule = rule(mergeRule);
        require(
                epsilon.isEmpty() || rule.uploaded(0).size() == 1,
                "--merge-rule " + mergeRule
                        + " shares both factors at once, whose noises would multiply: it needs --epsilon off");
        require(
                clipQuantile.isEmpty() || !(rule instanceof Alternation),
                "--merge-rule " + mergeRule + " has updates of two kinds, which one --clip-quantile cannot follow");
    }

    /** What becomes of LoRA factors. */
    SumRule rule() {
        return rule(mergeRule);
    }

    private static SumRule rule(String name) {
        try {
            return MergeRule.named(name).onSecureSum();
        } catch (MergeRefusedException e) {
            throw new IllegalArgumentException("--merge-rule: " + e.getMessage(), e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
