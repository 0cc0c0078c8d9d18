package dev.coppice.crypto.privacy.accounting;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/** The standard normal distribution, with its digits kept in both tails. */
final class Normal {
    private static final double ROOT_2 = Math.sqrt(2);

    private Normal() {}

    /** The probability to be above {@code x}. */
    static double above(double x) {
        return 0.5 * Erfc.value(x / ROOT_2);
    }

    /** The logarithm of {@link #above}. */
    static double logAbove(double x) {
        return x > 0 ? Math.log(0.5 * Erfcx.value(x / ROOT_2)) - x * x / 2 : Math.log1p(-0.5 * Erfc.value(-x / ROOT_2));
    }
}
