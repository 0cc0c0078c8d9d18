package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import java.util.OptionalDouble;

/** Releases under Gaussian noise are together as one of them: the squares of sensitivity over noise add up. */
final class GaussianEvents {
    private GaussianEvents() {}

    /** The noise multiplier of an event that is Gaussian throughout, infinite for nothing; empty for other events. */
    static OptionalDouble multiplier(PrivacyEvent event) {
        EventCounts counts = EventCounts.of(event);
        double squares = 0;
        for (PrivacyEvent single : counts.events()) {
            if (!(single instanceof Gaussian gaussian)) {
                return OptionalDouble.empty();
            }
            double z = gaussian.noiseMultiplier();
            squares += counts.count(single) / (z * z);
        }
        return OptionalDouble.of(1 / Math.sqrt(squares));
    }
}
