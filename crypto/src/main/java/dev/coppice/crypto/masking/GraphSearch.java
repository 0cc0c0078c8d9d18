package dev.coppice.crypto.masking;

import java.util.Optional;

/**
 * The search for degree and threshold: 40 bits of security, 20 bits of correctness. Reproduces the published rows of
 * Google's implementation.
 */
final class GraphSearch {
    private static final double SECURITY = Math.scalb(1.0, -41); // half of 2^-40 for each of two ways to fail
    private static final double CORRECTNESS = Math.scalb(1.0, -20);

    private final int size;
    private final int bad;
    private final int badOrDropped;
    private final int remaining;
    private final boolean lyingServer;

    /** @param lyingServer whether the server may tell different devices different things about who dropped out */
    GraphSearch(int size, int bad, double dropoutBound, boolean lyingServer) {
        this.size = size;
        this.bad = bad;
        int dropped = Rates.floor(dropoutBound, size);
        this.badOrDropped = bad + dropped;
        this.remaining = size - dropped;
        this.lyingServer = lyingServer;
    }

    /** The least even degree from {@code degreeMin} that will do, with its threshold. */
    Optional<GroupParameters> findRing(int degreeMin) {
        for (int degree = degreeMin; degree <= size - 2; degree += 2) {
            if (staysConnected(degree)) {
                int reconstructible = tooMuchForTheBad(degree);
                int guaranteed = new Hypergeometric(size, remaining, degree).lowerQuantile(CORRECTNESS / size);
                if (guaranteed > reconstructible) {
                    return Optional.of(new GroupParameters(size, bad, degree, Math.max(reconstructible + 1, 2)));
                }
            }
        }
        return Optional.empty();
    }

    /** The threshold where all are neighbours: every bad device is one, and nobody is there by chance. */
    Optional<GroupParameters> findComplete() {
        int degree = size - 1;
        int threshold = Math.max((degree + bad) / 2 + 1, 2);
        boolean recoverable = threshold <= remaining - 1;
        return recoverable ? Optional.of(new GroupParameters(size, bad, degree, threshold)) : Optional.empty();
    }

    /** Whether the honest devices that remain are one component of the graph, but for a negligible chance. */
    private boolean staysConnected(int degree) {
        if (degree > badOrDropped) {
            return true; // it takes that many gaps to cut the ring
        }
        double logChance = Math.log(size)
                + Math.log(size - degree - 1.0)
                - Math.log(2)
                + LogGamma.logFactorial(badOrDropped)
                + LogGamma.logFactorial(size - degree)
                - LogGamma.logFactorial(size)
                - LogGamma.logFactorial(badOrDropped - degree);
        return logChance < Math.log(SECURITY);
    }

    /** The most shares of one secret that the server may come to hold against the rules; the threshold is above it. */
    private int tooMuchForTheBad(int degree) {
        int badNeighbours = new Hypergeometric(size, bad, degree).upperQuantile(SECURITY / size);
        return lyingServer ? (int) Math.ceil((badNeighbours + degree - 1.25) / 2) : badNeighbours;
    }
}
