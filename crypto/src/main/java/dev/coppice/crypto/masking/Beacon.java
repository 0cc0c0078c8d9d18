package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Hkdf;
import dev.coppice.crypto.internal.MaskStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The randomness that decides a cohort's graph, fixed after its members and their keys are. The root over the cohort says
 * which members contribute; each is bound to its nonce by a hash in its advertisement, and opens it for one root only. So
 * nobody knows the graph before the cohort is closed, and no member can be exchanged after.
 *
 * <p>Our own rule, not a paper's. Whoever opens last sees the others' nonces, and the server decides who counts as missing:
 * by leaving out up to 4 of 24 contributors it may choose among 12,951 graphs, which takes 13.7 bits of the graph's 40. With
 * one device in twenty bad, a root where no more than 4 contributors are honest has a chance of 2^-73, so that even 2^30
 * attempts at a cohort do not help.
 */
final class Beacon {
    static final int CONTRIBUTORS = 24;
    static final int MISSING_MAX = 4;

    private Beacon() {}

    /** The members whose nonces count; none where all are neighbours of all, and nothing is to be decided. */
    static SortedSet<Integer> contributors(CohortParameters parameters, byte[] termsHash, byte[] root) {
        SortedSet<Integer> chosen = new TreeSet<>();
        if (parameters.isDecided()) {
            return chosen;
        }
        byte[] seed = Hkdf.derive(termsHash, root, MaskStream.KEY_BYTES, label("contributors"));
        int size = parameters.size();
        Draws draws = new Draws(seed, 4 * size); // members are drawn more than once, but never that often
        while (chosen.size() < Math.min(CONTRIBUTORS, size)) {
            chosen.add(draws.below(size));
        }
        return chosen;
    }

    /** Whether enough of the contributors opened. */
    static boolean suffices(CohortParameters parameters, int opened) {
        int due = parameters.isDecided() ? 0 : Math.min(CONTRIBUTORS, parameters.size());
        return opened <= due && opened >= due - MISSING_MAX;
    }

    /**
     * What stands for a cohort and its graph in everything that is derived later.
     *
     * @param nonces of the contributors that opened, by index
     */
    static byte[] cohortHash(byte[] root, SortedMap<Integer, byte[]> nonces) {
        List<byte[]> parts = new ArrayList<>(List.of(label("cohort"), root));
        nonces.forEach((index, nonce) -> {
            parts.add(ByteBuffer.allocate(Integer.BYTES).putInt(index).array());
            parts.add(nonce);
        });
        return Sha256.hash(parts.toArray(byte[][]::new));
    }

    /** What a contributor signs. */
    static byte[] signedNonce(byte[] termsHash, byte[] root, byte[] nonce) {
        byte[] signed = Arrays.copyOf(termsHash, termsHash.length + root.length + nonce.length);
        System.arraycopy(root, 0, signed, termsHash.length, root.length);
        System.arraycopy(nonce, 0, signed, termsHash.length + root.length, nonce.length);
        return signed;
    }

    private static byte[] label(String name) {
        return ("coppice/v1/" + name + "\0").getBytes(StandardCharsets.US_ASCII);
    }
}
