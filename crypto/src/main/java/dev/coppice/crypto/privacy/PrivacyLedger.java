package dev.coppice.crypto.privacy;

import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import dev.coppice.crypto.privacy.accounting.RdpCurve;
import java.util.List;

/**
 * What a device has spent: the arithmetic of it. Keeping the charges, durably and before anything is uploaded, is the
 * agent's part.
 */
public final class PrivacyLedger {
    private PrivacyLedger() {}

    /**
     * One participation, of an upload that has left or may have left the device.
     *
     * @param noiseMultiplier {@link NoisePlan#noiseMultiplier()} of its round; 0 if that had no noise
     */
    public record Charge(double noiseMultiplier) {
        public Charge {
            if (!(noiseMultiplier >= 0 && noiseMultiplier < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("Not a noise multiplier: " + noiseMultiplier);
            }
        }
    }

    /**
     * The epsilon spent by all of {@code charges} together; 0 for none, infinite if one had no noise.
     *
     * @param delta above 0, below 1
     */
    public static double epsilonAfter(List<Charge> charges, double delta) {
        RdpCurve spent = RdpAccountant.gaussian(Double.POSITIVE_INFINITY);
        for (Charge charge : charges) {
            spent = spent.plus(RdpAccountant.gaussian(charge.noiseMultiplier()));
        }
        return spent.epsilon(delta);
    }
}
