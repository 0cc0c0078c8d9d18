package dev.coppice.simulator.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.PrivacyGoal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real rounds give away no more than is claimed; rounds whose privacy is broken are found out. An honest round fails here
 * by chance with probability 1 / 1,000 at most. The claim that is broken is a large one, since then few canaries are
 * enough: even where half of the noise is left, its estimate is more than three deviations above the claim.
 */
class PrivacyAuditTest {
    private static final double CONFIDENCE = 0.999;
    private static final AuditSettings ONE_ROUND =
            new AuditSettings(new PrivacyGoal(16, 1e-8, 1), 1, 48, 2048, false, CONFIDENCE);
    private static final AuditSettings TWO_ROUNDS =
            new AuditSettings(new PrivacyGoal(8, 1e-8, 2), 2, 40, 2048, false, CONFIDENCE);
    private static final AuditSettings COUNTED =
            new AuditSettings(new PrivacyGoal(16, 1e-8, 1), 24, 20, 512, true, CONFIDENCE);

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void anHonestRoundIsNotRefuted(long seed) throws RoundFailedException {
        var report = PrivacyAudit.run(ONE_ROUND, seed);
        assertThat(report.refutations()).isEmpty();
        assertThat(report.claimedEpsilon()).isBetween(15.9, 16.0);
        assertThat(report.epsilonLikely()).isBetween(6.0, 30.0); // an attack that sees nothing would refute nothing
        assertThat(report.guessed().canaries()).isEqualTo(42);
    }

    /** Nor are several rounds of the same devices, whose canaries add up. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void honestRoundsOfTheSameDevicesAreNotRefuted(long seed) throws RoundFailedException {
        assertThat(PrivacyAudit.run(TWO_ROUNDS, seed).refutations()).isEmpty();
    }

    /** Canaries are longer than the norm, and say so in the count of an adaptive clip: the claim is about both together. */
    @Test
    void roundsWithACountOfWhoWasClippedAreNotRefuted() throws RoundFailedException {
        var report = PrivacyAudit.run(COUNTED, 1);
        assertThat(report.refutations()).isEmpty();
        assertThat(report.guessed().canaries()).isEqualTo(24);
        assertThat(report.epsilonLikely()).isBetween(3.0, 45.0);
    }

    @Test
    void roundsWithACountAndAQuarterOfTheNoiseAreFoundOut() throws RoundFailedException {
        var broken = encoding((device, agreed) -> noise(agreed, Math.ceil(agreed.noiseSigma() / 4)));
        assertThat(PrivacyAudit.run(COUNTED, 1, broken).refutations())
                .contains("canaries stand out too clearly in what was released");
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void halfOfTheNoiseIsFoundOut(long seed) throws RoundFailedException {
        assertRefuted(seed, (device, agreed) -> noise(agreed, Math.ceil(agreed.noiseSigma() / 2)));
    }

    @Test
    void noiseThatMostDevicesLeaveOutIsFoundOut() throws RoundFailedException {
        assertRefuted(1, (device, agreed) -> noise(agreed, device < 8 ? agreed.noiseSigma() : 0));
    }

    @Test
    void theShareOfOneDeviceInsteadOfAllNoiseIsFoundOut() throws RoundFailedException {
        assertRefuted(1, (device, agreed) -> noise(agreed, device == 0 ? agreed.noiseSigma() : 0));
    }

    @Test
    void noNoiseAtAllIsFoundOut() throws RoundFailedException {
        var report = assertRefuted(1, (device, agreed) -> noise(agreed, 0));
        assertThat(report.epsilonByCosines()).isGreaterThan(50);
        assertThat(report.guessed().correct()).isEqualTo(report.guessed().guesses());
    }

    @Test
    void devicesThatDoNotClipAreFoundOut() throws RoundFailedException {
        assertRefuted(
                1,
                (device, agreed) -> new EncodingParameters(
                        agreed.dimension(),
                        10 * agreed.clipNorm(),
                        agreed.scale(),
                        agreed.bits(),
                        agreed.rotationSeed(),
                        agreed.noiseSigma()));
    }

    /** Guessing alone, which supposes nothing of the mechanism, finds out what is plain. */
    @Test
    void aSmallClaimWithoutNoiseIsRefutedByGuessesAlone() throws RoundFailedException {
        var settings = new AuditSettings(new PrivacyGoal(0.5, 1e-8, 1), 1, 48, 2048, false, CONFIDENCE);
        var report = PrivacyAudit.run(settings, 1, encoding((device, agreed) -> noise(agreed, 0)));
        assertThat(report.epsilonByGuesses()).isGreaterThan(report.claimedEpsilon());
        assertThat(report.refutations()).contains("the coins were guessed too well");
    }

    /** A second round in the first one's terms, with the same keys: each input alone looks like noise, both do not. */
    @Test
    void masksOfOneRoundInAnotherAreFoundOut() throws RoundFailedException {
        var report = PrivacyAudit.run(TWO_ROUNDS, 1, new Habits() {
            @Override
            public int keysOfRound(int number) {
                return 1;
            }
        });
        assertThat(report.maskPValue()).isLessThan(1e-9);
        assertThat(report.refutations()).contains("masked inputs do not look like noise");
    }

    @Test
    void theSameSeedPlaysTheSameAudit() throws RoundFailedException {
        var small = new AuditSettings(new PrivacyGoal(8, 1e-8, 1), 1, 20, 512, false, CONFIDENCE);
        var report = PrivacyAudit.run(small, 5);
        assertThat(PrivacyAudit.run(small, 5)).isEqualTo(report);
        assertThat(PrivacyAudit.run(small, 6).cosines()).isNotEqualTo(report.cosines());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        var goal = new PrivacyGoal(8, 1e-8, 2);
        assertThatIllegalArgumentException().isThrownBy(() -> new AuditSettings(goal, 3, 40, 2048, false, 0.99));
        assertThatIllegalArgumentException().isThrownBy(() -> new AuditSettings(goal, 2, 19, 2048, false, 0.99));
        assertThatIllegalArgumentException().isThrownBy(() -> new AuditSettings(goal, 2, 40, 511, false, 0.99));
        assertThatIllegalArgumentException().isThrownBy(() -> new AuditSettings(goal, 2, 40, 2048, false, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new AuditSettings(goal, 38, 40, 2048, true, 0.99));
    }

    private interface Broken {
        EncodingParameters encoding(int device, EncodingParameters agreed);
    }

    private static AuditReport assertRefuted(long seed, Broken broken) throws RoundFailedException {
        var report = PrivacyAudit.run(ONE_ROUND, seed, encoding(broken));
        assertThat(report.epsilonByCosines()).isGreaterThan(report.claimedEpsilon());
        assertThat(report.refutations()).contains("canaries stand out too clearly in what was released");
        return report;
    }

    private static Habits encoding(Broken broken) {
        return new Habits() {
            @Override
            public EncodingParameters encoding(int device, EncodingParameters agreed) {
                return broken.encoding(device, agreed);
            }
        };
    }

    private static EncodingParameters noise(EncodingParameters agreed, double sigma) {
        return AuditedFleet.withNoise(agreed, sigma);
    }
}
