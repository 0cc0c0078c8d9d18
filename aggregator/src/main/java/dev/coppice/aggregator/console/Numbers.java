package dev.coppice.aggregator.console;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times as people read them. */
final class Numbers {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Numbers() {}

    /** Up to four decimals. */
    static String plain(double value) {
        return new DecimalFormat("#,##0.####", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
    }

    static String share(double part) {
        return new DecimalFormat("0.#%", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(part);
    }

    /** In universal time. */
    static String time(Instant instant) {
        return TIME.format(instant) + " UTC";
    }

    static String left(Duration duration) {
        if (duration.isNegative()) {
            return "due";
        }
        long seconds = duration.toSeconds();
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
