package dev.coppice.adapters.inference;

import java.util.List;

/**
 * One module's share of an adapter or of several: A [rank, in] and B [out, rank], row-major, whose product B A is what
 * the module's weight moves by. Immutable.
 */
final class LoraFactors {
    private final int rank;
    private final int in;
    private final int out;
    private final float[] a;
    private final float[] b;

    private LoraFactors(int rank, int in, int out, float[] a, float[] b) {
        this.rank = rank;
        this.in = in;
        this.out = out;
        this.a = a;
        this.b = b;
    }

    /**
     * Factors as a file holds them.
     *
     * @param a rank * in values
     * @param b out * rank values
     * @param scale what B is multiplied with
     */
    static LoraFactors of(int rank, float[] a, float[] b, double scale) {
        float[] scaled = new float[b.length];
        for (int i = 0; i < b.length; i++) {
            scaled[i] = (float) (scale * b[i]);
        }
        return new LoraFactors(rank, a.length / rank, b.length / rank, a.clone(), scaled);
    }

    /** Factors whose product is the sum of the products: [A1; A2] and [B1, B2]. */
    static LoraFactors stacked(List<LoraFactors> parts) {
        LoraFactors first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        int rank = parts.stream().mapToInt(LoraFactors::rank).sum();
        float[] a = new float[rank * first.in];
        float[] b = new float[first.out * rank];
        int before = 0;
        for (LoraFactors part : parts) {
            if (part.in != first.in || part.out != first.out) {
                throw new IllegalArgumentException("two adapters differ in the widths of a module");
            }
            System.arraycopy(part.a, 0, a, before * part.in, part.a.length);
            for (int row = 0; row < part.out; row++) {
                System.arraycopy(part.b, row * part.rank, b, row * rank + before, part.rank);
            }
            before += part.rank;
        }
        return new LoraFactors(rank, first.in, first.out, a, b);
    }

    int rank() {
        return rank;
    }

    int in() {
        return in;
    }

    int out() {
        return out;
    }

    /** A copy of A. */
    float[] a() {
        return a.clone();
    }

    /** A copy of B. */
    float[] b() {
        return b.clone();
    }

    /** B A, [out, in]: summed in float64, rounded once. */
    double[] product() {
        double[] product = new double[out * in];
        for (int row = 0; row < out; row++) {
            for (int k = 0; k < rank; k++) {
                double left = b[row * rank + k];
                for (int column = 0; column < in; column++) {
                    product[row * in + column] += left * a[k * in + column];
                }
            }
        }
        return product;
    }
}
