package dev.coppice.adapters.pack;

/**
 * An interval that holds an accuracy with 95 % confidence: Wilson's (1927) score interval, with devices as the trials, widened
 * by the noise of the sums.
 *
 * <p>Examples of one device are alike, so it is devices that are counted, not examples. A device's accuracy is anything from 0
 * to 1, and such values vary by at most {@code p (1 - p)} (Bhatia and Davis 2000), which is what Wilson's interval reckons
 * with: it is wide enough however many examples a device has, and mostly wider.
 *
 * @param low 0 or more
 * @param high 1 or less
 */
public record AccuracyInterval(double low, double high) {
    private static final double Z = 1.959964;

    /**
     * The interval of an accuracy that is the quotient of two noised sums.
     *
     * @param accuracy 0 to 1
     * @param devices the divisor, above 0
     * @param noise standard deviation in each of the two sums
     */
    public static AccuracyInterval of(double accuracy, double devices, double noise) {
        double shrink = 1 + Z * Z / devices;
        double centre = (accuracy + Z * Z / (2 * devices)) / shrink;
        double sampling = Z / shrink * Math.sqrt(accuracy * (1 - accuracy) / devices + Z * Z / (4 * devices * devices));
        double ofNoise = Z * noise * Math.sqrt(1 + accuracy * accuracy) / devices;
        double half = Math.hypot(sampling, ofNoise);
        return new AccuracyInterval(
                Math.max(0, Math.min(accuracy, centre - half)), Math.min(1, Math.max(accuracy, centre + half)));
    }
}
