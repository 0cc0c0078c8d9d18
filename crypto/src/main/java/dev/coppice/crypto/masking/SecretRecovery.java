package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Shamir;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Puts a secret together from shares that its owner committed to. Where they do not give it, the owner is to blame, and
 * other choices of them are tried: a bad device must not spoil the round if the good ones of its shares suffice.
 */
final class SecretRecovery {
    /** A wrong choice costs about 50 µs; with so many, two bad shares among two spare ones are found. */
    private static final int CHOICES_MAX = 5_000;

    private final int threshold;

    SecretRecovery(int threshold) {
        this.threshold = threshold;
    }

    /**
     * What became of a search.
     *
     * @param secret empty if no choice of shares gave it
     * @param inconsistent whether a choice of shares that the owner committed to was wrong
     */
    record Found(Optional<byte[]> secret, boolean inconsistent) {}

    /**
     * The secret that {@code right} recognises.
     *
     * @param shareByPoint all shares of it that came in
     */
    Found find(Map<Integer, byte[]> shareByPoint, Predicate<byte[]> right) {
        if (shareByPoint.size() < threshold) {
            return new Found(Optional.empty(), false);
        }
        List<Integer> points = new ArrayList<>(shareByPoint.keySet());
        Collections.sort(points);
        // Where no share is to spare, there is one choice only.
        int choices = points.size() == threshold ? 1 : CHOICES_MAX;
        SplittableRandom order = new SplittableRandom(points.size()); // any order will do, and nothing depends on it
        for (int choice = 0; choice < choices; choice++) {
            int[] chosen =
                    points.stream().limit(threshold).mapToInt(point -> point).toArray();
            byte[][] shares = Arrays.stream(chosen).mapToObj(shareByPoint::get).toArray(byte[][]::new);
            byte[] secret = Shamir.combine(chosen, shares);
            if (right.test(secret)) {
                return new Found(Optional.of(secret), choice > 0);
            }
            for (int i = 0; i < threshold; i++) {
                Collections.swap(points, i, i + order.nextInt(points.size() - i));
            }
        }
        return new Found(Optional.empty(), true);
    }
}
