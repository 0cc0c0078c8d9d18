package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.testkit.ManualClock;
import org.junit.jupiter.api.Test;

class TrustAnchorsTest {
    /** Or else the server could make up a cohort around one device, and the sum would be that device's update. */
    @Test
    void oneKeyDoesNotServeForAggregatorAndEnrolmentAuthority() {
        VerifyingKey server = TestWorld.key(1).verifyingKey();
        TrustedRoot root = new FakeRepository(ManualClock.atNewYear()).root;
        VerifyingKey same = TestWorld.key(1).verifyingKey();
        assertThatThrownBy(() -> new TrustAnchors(server, same, root)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBudgetThatBoundsNothingIsRefused() {
        for (double epsilon : new double[] {0, -1, Double.NaN}) {
            assertThatThrownBy(() -> PrivacyBudget.ever(epsilon, 1e-8, 0)).isInstanceOf(IllegalArgumentException.class);
        }
        for (double delta : new double[] {0, 1, Double.NaN}) {
            assertThatThrownBy(() -> PrivacyBudget.ever(4, delta, 0)).isInstanceOf(IllegalArgumentException.class);
        }
        for (double least : new double[] {-1, Double.NaN}) {
            assertThatThrownBy(() -> PrivacyBudget.ever(4, 1e-8, least)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
