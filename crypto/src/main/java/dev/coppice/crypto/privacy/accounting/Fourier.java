package dev.coppice.crypto.privacy.accounting;

/** The discrete Fourier transform of complex numbers, in place, by radix 2 (Cooley and Tukey 1965). */
final class Fourier {
    private final int size;
    private final double[] cosines;
    private final double[] sines;

    /** @param size a power of two */
    Fourier(int size) {
        if (size < 1 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("Not a power of two: " + size);
        }
        this.size = size;
        // Those of each stage lie side by side: half roots from index half on.
        cosines = new double[Math.max(2, size)];
        sines = new double[Math.max(2, size)];
        for (int k = 0; k < size / 2; k++) {
            cosines[size / 2 + k] = Math.cos(-2 * Math.PI * k / size);
            sines[size / 2 + k] = Math.sin(-2 * Math.PI * k / size);
        }
        for (int i = size / 2 - 1; i > 0; i--) {
            cosines[i] = cosines[2 * i];
            sines[i] = sines[2 * i];
        }
    }

    /** {@code X[k] = sum x[n] exp(-2 pi i n k / size)}. */
    void transform(double[] real, double[] imaginary) {
        reverseBits(real, imaginary);
        for (int half = 1; half < size; half *= 2) {
            for (int start = 0; start < size; start += 2 * half) {
                butterflies(real, imaginary, start, half);
            }
        }
    }

    private void butterflies(double[] real, double[] imaginary, int start, int half) {
        for (int k = 0; k < half; k++) {
            int low = start + k;
            int high = low + half;
            double cosine = cosines[half + k];
            double sine = sines[half + k];
            double turnedReal = real[high] * cosine - imaginary[high] * sine;
            double turnedImaginary = real[high] * sine + imaginary[high] * cosine;
            real[high] = real[low] - turnedReal;
            imaginary[high] = imaginary[low] - turnedImaginary;
            real[low] += turnedReal;
            imaginary[low] += turnedImaginary;
        }
    }

    private void reverseBits(double[] real, double[] imaginary) {
        int shift = Integer.numberOfLeadingZeros(size) + 1;
        for (int i = 1; i < size; i++) {
            int j = shift == 32 ? 0 : Integer.reverse(i) >>> shift;
            if (j > i) {
                double swap = real[i];
                real[i] = real[j];
                real[j] = swap;
                swap = imaginary[i];
                imaginary[i] = imaginary[j];
                imaginary[j] = swap;
            }
        }
    }
}
