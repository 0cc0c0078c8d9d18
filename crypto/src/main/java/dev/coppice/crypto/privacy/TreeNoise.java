package dev.coppice.crypto.privacy;

import dev.coppice.crypto.SecretBytes;

/**
 * Noise for the sum over all rounds so far (DP-FTRL: Kairouz, McMahan, Song, Thakkar, Thakurta and Xu 2021). The rounds
 * are the leaves of binary trees; each node's sum is released once with a discrete Gaussian, and a prefix of rounds is the
 * nodes of its binary digits: at most {@code log2} of its rounds many noises are in it, where independent ones would be as
 * many as its rounds. After {@code leaves} rounds a new tree starts.
 *
 * <p>A device's update is in one node of each level, so that it counts {@code levels} times: as a composition of Gaussian
 * mechanisms, which holds whatever later updates depend on. Devices that come again may be in a node several times: a node
 * of {@code s} rounds holds at most {@code c = timesWithin(s)} of their updates, and the squares of all counts of a level
 * add up to {@code times * c} or less.
 */
public final class TreeNoise implements CentralNoise {
    private static final int LEAVES_MAX = 1 << 20;

    private final Participation participation;
    private final int leaves;
    private final int sigma;
    private final TableGaussian gaussian;
    private final SecretBytes key;
    private int round;

    /**
     * The noise of all rounds.
     *
     * @param leaves rounds of a tree, a power of two
     * @param sigma of each node's, 1 to 2^20
     * @param key lent; 32 bytes
     */
    public TreeNoise(Participation participation, int leaves, int sigma, SecretBytes key) {
        if (leaves < 1 || leaves > LEAVES_MAX || Integer.bitCount(leaves) != 1) {
            throw new IllegalArgumentException("A tree has a power of two of leaves, not " + leaves);
        }
        this.participation = participation;
        this.leaves = leaves;
        this.sigma = sigma;
        this.gaussian = new TableGaussian(sigma);
        this.key = key;
    }

    @Override
    public Participation participation() {
        return participation;
    }

    @Override
    public double noiseMultiplier(double sensitivity) {
        double squares = 0;
        for (int size = 1; size <= leaves; size *= 2) {
            squares += (double) participation.times() * participation.timesWithin(size);
        }
        return sigma / (sensitivity * Math.sqrt(squares));
    }

    /** The difference of two prefixes' noise: the nodes that the round completes, less those that they take over from. */
    @Override
    public void addNext(int[] sum) {
        if (round == participation.rounds()) {
            throw new IllegalStateException("All " + round + " rounds had their noise");
        }
        int leaf = round % leaves;
        int tree = round / leaves;
        round++;
        int level = Integer.numberOfTrailingZeros(leaf + 1);
        addNode(sum, tree, level, leaf >> level, 1);
        for (int below = 0; below < level; below++) {
            addNode(sum, tree, below, (leaf >> below) - 1, -1);
        }
    }

    /** @param index from 0, of the nodes of a level */
    private void addNode(int[] sum, int tree, int level, int index, int sign) {
        long number = ((long) tree * LEAVES_MAX + index) * Integer.SIZE + level;
        int[] noise = CentralNoise.draw(key, gaussian, "coppice/v1/NODE", number, sum.length);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += sign * noise[i];
        }
    }
}
