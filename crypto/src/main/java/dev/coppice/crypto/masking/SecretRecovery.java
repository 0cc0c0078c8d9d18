package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Shamir;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Puts secrets together from shares of which some may be wrong. Whoever gave a wrong share once is asked last from then
 * on, so that one bad device costs little more than the first search.
 */
final class SecretRecovery {
    /** A wrong choice costs about 50 µs; with so many, two bad shares among two spare ones are found. */
    private static final int CHOICES_MAX = 5_000;

    private final int threshold;
    private final Set<Integer> distrusted = new HashSet<>();

    SecretRecovery(int threshold) {
        this.threshold = threshold;
    }

    /**
     * The secret that {@code right} recognises.
     *
     * @param shareByPoint all shares of it that came in
     * @throws SharesMissingException if no choice of shares gives it
     */
    byte[] secret(Map<Integer, byte[]> shareByPoint, Predicate<byte[]> right) throws SharesMissingException {
        if (shareByPoint.size() < threshold) {
            throw new SharesMissingException(
                    "%d shares of a secret where %d are due".formatted(shareByPoint.size(), threshold));
        }
        List<Integer> points = new ArrayList<>(shareByPoint.keySet());
        points.sort(Comparator.<Integer, Boolean>comparing(distrusted::contains).thenComparing(point -> point));
        // Where no share is to spare, there is one choice only.
        int choices = points.size() == threshold ? 1 : CHOICES_MAX;
        SplittableRandom order = new SplittableRandom(points.size()); // any order will do, and nothing depends on it
        for (int choice = 0; choice < choices; choice++) {
            int[] chosen =
                    points.stream().limit(threshold).mapToInt(point -> point).toArray();
            byte[][] shares = Arrays.stream(chosen).mapToObj(shareByPoint::get).toArray(byte[][]::new);
            byte[] secret = Shamir.combine(chosen, shares);
            if (right.test(secret)) {
                if (choice > 0) {
                    distrustOthers(chosen, shares, shareByPoint);
                }
                return secret;
            }
            for (int i = 0; i < threshold; i++) {
                Collections.swap(points, i, i + order.nextInt(points.size() - i));
            }
        }
        throw new SharesMissingException("Too many wrong shares of a secret");
    }

    private void distrustOthers(int[] points, byte[][] shares, Map<Integer, byte[]> shareByPoint) {
        shareByPoint.forEach((point, share) -> {
            if (!Arrays.equals(share, Shamir.shareAt(point, points, shares))) {
                distrusted.add(point);
            }
        });
    }
}
