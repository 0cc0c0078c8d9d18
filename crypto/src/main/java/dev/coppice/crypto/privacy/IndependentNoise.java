package dev.coppice.crypto.privacy;

import dev.coppice.crypto.SecretBytes;

/** Fresh discrete Gaussian noise in every round: the central Gaussian mechanism (Canonne, Kamath and Steinke 2020). */
public final class IndependentNoise implements CentralNoise {
    private final Participation participation;
    private final int sigma;
    private final TableGaussian gaussian;
    private final SecretBytes key;
    private int round;

    /**
     * The noise of all rounds.
     *
     * @param sigma of each round's, 1 to 2^20
     * @param key lent; 32 bytes
     */
    public IndependentNoise(Participation participation, int sigma, SecretBytes key) {
        this.participation = participation;
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
        return sigma / (sensitivity * Math.sqrt(participation.times()));
    }

    @Override
    public void addNext(int[] sum) {
        if (round == participation.rounds()) {
            throw new IllegalStateException("All " + round + " rounds had their noise");
        }
        round++;
        int[] noise = CentralNoise.draw(key, gaussian, "coppice/v1/ROUND", round, sum.length);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += noise[i];
        }
    }
}
