package dev.coppice.adapters.quantize;

import dev.coppice.adapters.onnx.Reals;

/**
 * Evenly spaced numbers that a few weights are rounded to: {@code (q - zeroPoint) * scale} for q from 0 to 2^bits - 1. 0 is
 * always one of them.
 */
record Grid(int bits, float scale, int zeroPoint) {
    /** The grid that reaches from the smallest to the largest weight. */
    static Grid fitting(int bits, float smallest, float largest) {
        float low = Math.min(0, smallest);
        float high = Math.max(0, largest);
        int last = (1 << bits) - 1;
        float scale = (high - low) / last;
        return scale == 0 || !Float.isFinite(1 / scale)
                ? new Grid(bits, 1, 1 << (bits - 1))
                : new Grid(bits, scale, Math.min(last, Math.round(-low / scale)));
    }

    /**
     * The grid around 0 that reaches the weight of the largest size. That one becomes q = 0, the only end that is half the
     * range away from the middle, so that the scale has the sign that puts it there.
     */
    static Grid symmetric(int bits, float smallest, float largest) {
        int middle = 1 << (bits - 1);
        float furthest = -smallest > largest ? smallest : largest;
        float scale = -furthest / middle;
        return scale == 0 || !Float.isFinite(1 / scale) ? new Grid(bits, 1, middle) : new Grid(bits, scale, middle);
    }

    /** The same grid with a scale that float16 can hold; weights that are too small for one become 0. */
    Grid inHalfPrecision() {
        float rounded = Reals.roundedToHalf(scale);
        return rounded == 0 ? new Grid(bits, 1, zeroPoint) : new Grid(bits, rounded, zeroPoint);
    }

    /** The number of the nearest grid point. */
    int nearest(float weight) {
        return Math.max(0, Math.min((1 << bits) - 1, Math.round(weight / scale) + zeroPoint));
    }
}
