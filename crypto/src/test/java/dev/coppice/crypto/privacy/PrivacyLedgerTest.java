package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrivacyLedgerTest {
    @Test
    void whoNeverTookPartHasSpentNothing() {
        assertThat(PrivacyLedger.epsilonAfter(List.of(), 1e-8)).isZero();
    }

    @Test
    void everyChargeCostsMore() {
        var charges = new ArrayList<Charge>();
        double before = 0;
        for (int i = 1; i <= 64; i++) {
            charges.add(new Charge(4));
            double after = PrivacyLedger.epsilonAfter(charges, 1e-8);
            assertThat(after).isGreaterThan(before).isCloseTo(RdpAccountant.epsilon(4, i, 1e-8), within(1e-9));
            before = after;
        }
    }

    /** dp_accounting at b5b0286: ten releases of sigma 5, a hundred of sigma 20, and what follows from both. */
    @Test
    void chargesOfUnlikeNoiseAreAddedAsTheyAre() {
        var charges = new ArrayList<>(Collections.nCopies(10, new Charge(5)));
        assertThat(PrivacyLedger.epsilonAfter(charges, 1e-5)).isCloseTo(2.8136532471298397, within(1e-9));
        charges.addAll(Collections.nCopies(100, new Charge(20)));
        double together = 1 / Math.sqrt(10 / 25.0 + 100 / 400.0);
        assertThat(PrivacyLedger.epsilonAfter(charges, 1e-5))
                .isCloseTo(RdpAccountant.epsilon(together, 1, 1e-5), within(1e-9));
    }

    @Test
    void oneUploadWithoutNoiseSpendsEverything() {
        assertThat(PrivacyLedger.epsilonAfter(List.of(new Charge(4), new Charge(0)), 1e-8))
                .isInfinite();
    }

    @Test
    void whatIsNoNoiseMultiplierIsRefused() {
        for (double multiplier : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Charge(multiplier));
        }
    }
}
