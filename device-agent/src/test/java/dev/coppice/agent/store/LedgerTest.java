package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final PeriodBudget BUDGET = PeriodBudget.DEFAULT;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MOMENT = Duration.ofMillis(1);

    @TempDir
    Path home;

    @Test
    void aRoundIsChargedOnceEvenAfterARestart() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), BUDGET, START);
            assertThatThrownBy(() -> ledger.charge(round(1, START), BUDGET, START))
                    .isInstanceOf(LedgerRefusedException.AlreadyCharged.class);
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.hasCharged("round-1")).isTrue();
            assertThatThrownBy(() -> ledger.charge(round(1, START), BUDGET, START))
                    .isInstanceOf(LedgerRefusedException.AlreadyCharged.class);
            assertThat(ledger.ever().participations()).isEqualTo(1);
        }
    }

    @Test
    void aRoundIsEnteredOnceEvenAfterARestart() throws Exception {
        try (Ledger ledger = open()) {
            ledger.enter("round-1");
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.hasEntered("round-1")).isTrue();
            assertThatThrownBy(() -> ledger.enter("round-1")).isInstanceOf(LedgerRefusedException.AlreadyEntered.class);
            ledger.enter("round-2");
        }
    }

    /** At a multiplier of 4 the default budget is 8 rounds; at 2 the epsilon is spent before. */
    @Test
    void itSpendsUpToTheBudgetAndNotOneRoundMore() throws Exception {
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, START)).isEqualTo(8);
            assertThat(spent(ledger, START).epsilonInPeriod())
                    .isCloseTo(RdpAccountant.epsilon(4, 8, 1e-8), within(1e-9));
        }
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 1000, START)).as("after a restart").isZero();
        }
        try (Ledger ledger = Ledger.openShared(home.resolve("loud"), KeyVault.inHome())) {
            int rounds = chargeAll(ledger, 2, START);
            assertThat(RdpAccountant.epsilon(2, rounds, 1e-8)).isLessThanOrEqualTo(8);
            assertThat(RdpAccountant.epsilon(2, rounds + 1, 1e-8)).isGreaterThan(8);
        }
    }

    @Test
    void aRoundThatJustFitsIsTakenAndOneThatCostsAHairMoreIsNot() throws Exception {
        double epsilon = RdpAccountant.epsilon(4, 1, 1e-8);
        PeriodBudget exact = new PeriodBudget(epsilon, 1e-8, 8, BUDGET.period());
        PeriodBudget less = new PeriodBudget(Math.nextDown(epsilon), 1e-8, 8, BUDGET.period());
        try (Ledger ledger = open()) {
            double now = spentAfter(ledger, round(1, START));
            assertThat(now).isCloseTo(epsilon, within(1e-12));
            PeriodBudget justEnough = new PeriodBudget(now, exact.delta(), 1, exact.period());
            assertThatThrownBy(() -> ledger.affords(round(1, START), less(justEnough), START))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
            ledger.affords(round(1, START), justEnough, START);
            assertThat(less.epsilonMax()).isLessThan(epsilon);
        }
    }

    private static PeriodBudget less(PeriodBudget budget) {
        return new PeriodBudget(
                Math.nextDown(budget.epsilonMax()), budget.delta(), budget.participationsMax(), budget.period());
    }

    private static double spentAfter(Ledger ledger, Spending spending) {
        return spent(ledger, START).inPeriod().plus(spending.charge()).epsilon(1e-8);
    }

    @Test
    void aRoundWithoutNoiseFitsNoBudget() throws Exception {
        try (Ledger ledger = open()) {
            assertThatThrownBy(() -> ledger.charge(round(1, 0, START), BUDGET, START))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
            assertThat(ledger.hasCharged("round-1")).isFalse();
        }
    }

    @Test
    void skillsShareTheBudgetAndAreShownApart() throws Exception {
        try (Ledger ledger = open()) {
            for (int i = 0; i < 8; i++) {
                ledger.charge(
                        new Spending("r" + i, i < 3 ? "lights" : "words", "d-1", new Charge(4), START), BUDGET, START);
            }
            assertThatThrownBy(() ->
                            ledger.charge(new Spending("r8", "music", "d-2", new Charge(4), START), BUDGET, START))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
        }
        try (Ledger ledger = open()) {
            LedgerStatement statement = ledger.statement(BUDGET, START);
            assertThat(statement.together().inPeriod().participations()).isEqualTo(8);
            assertThat(statement.bySkill()).containsOnlyKeys("lights", "words");
            assertThat(statement.bySkill().values())
                    .extracting(Statement::ever)
                    .containsExactly(new Total(3, 3 / 32.0), new Total(5, 5 / 32.0));
        }
    }

    /** Whatever the stretch of time, no more than the budget is spent within it; what was spent in life stays known. */
    @Test
    void aChargeLeavesThePeriodWhenItIsThatOldAndNotAMomentBefore() throws Exception {
        Instant free = START.plus(BUDGET.period());
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, START)).isEqualTo(8);
            assertThat(spent(ledger, START).frees()).contains(free);
        }
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, free.minus(MOMENT))).isZero();
            assertThat(chargeAll(ledger, 4, free)).isEqualTo(8);
            assertThat(spent(ledger, free).inPeriod().participations()).isEqualTo(8);
            assertThat(spent(ledger, free).ever().participations()).isEqualTo(16);
            assertThat(spent(ledger, free).epsilonEver())
                    .isGreaterThan(spent(ledger, free).epsilonInPeriod());
        }
    }

    @Test
    void partOfAMillisecondIsRoundedToTheLaterOne() throws Exception {
        Instant between = START.plusNanos(1);
        Instant free = START.plus(BUDGET.period());
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, between)).isEqualTo(8);
            assertThat(chargeAll(ledger, 4, free)).isZero();
        }
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, free)).isZero();
            assertThat(chargeAll(ledger, 4, free.plus(MOMENT))).isEqualTo(8);
        }
    }

    @Test
    void aClockThatIsSetBackFreesNothing() throws Exception {
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, START)).isEqualTo(8);
        }
        for (Duration back : List.of(DAY, BUDGET.period(), Duration.ofDays(20_000))) {
            Instant earlier = START.minus(back);
            try (Ledger ledger = open()) {
                assertThat(chargeAll(ledger, 4, earlier)).isZero();
                assertThat(spent(ledger, earlier).participationsLeft(new Charge(4)))
                        .isZero();
            }
        }
    }

    /** Otherwise a charge that is made while the clock is behind would leave its period early. */
    @Test
    void aChargeUnderAClockThatIsSetBackIsDatedLikeTheLatest() throws Exception {
        PeriodBudget two = new PeriodBudget(8, 1e-8, 2, BUDGET.period());
        Instant free = START.plus(BUDGET.period());
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), two, START);
            Instant back = START.minus(DAY.multipliedBy(60));
            ledger.charge(new Spending("round-2", "words", "d-1", new Charge(4), back), two, back);
        }
        try (Ledger ledger = open()) {
            LedgerStatement before = ledger.statement(BUDGET, free.minus(MOMENT));
            assertThat(before.together().inPeriod().participations()).isEqualTo(2);
            assertThat(before.bySkill().values())
                    .extracting(skill -> skill.inPeriod().participations())
                    .containsExactly(1L, 1L);
            assertThat(spent(ledger, free).inPeriod().participations()).isZero();
        }
    }

    /** A device's clock alone frees nothing: the signed terms of the round must be a period later, too. */
    @Test
    void aClockThatIsSetAheadFreesNothing() throws Exception {
        Instant ahead = START.plus(Duration.ofDays(365));
        try (Ledger ledger = open()) {
            assertThat(chargeAll(ledger, 4, START)).isEqualTo(8);
            assertThatThrownBy(() -> ledger.charge(round(9, START.plus(DAY)), BUDGET, ahead))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
            assertThatThrownBy(() -> ledger.charge(round(9, ahead), BUDGET, START.plus(DAY)))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
            ledger.charge(round(9, ahead), BUDGET, ahead);
        }
    }

    @Test
    void chargesOfFormerVersionsCount() throws Exception {
        try (Journal journal = Journal.open(home.resolve("ledger"), 1024, TestKeys.STORAGE)) {
            for (int i = 0; i < 7; i++) {
                byte[] amount = ByteBuffer.allocate(16)
                        .putDouble(4)
                        .putLong(START.toEpochMilli())
                        .array();
                journal.append(List.of(Frames.join(List.of(new byte[] {1}, Frames.utf8("round-" + i)))));
                journal.append(List.of(Frames.join(List.of(new byte[] {2}, Frames.utf8("round-" + i), amount))));
            }
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.hasEntered("round-6")).isTrue();
            assertThat(ledger.hasCharged("round-6")).isTrue();
            assertThat(spent(ledger, START).inPeriod()).isEqualTo(new Total(7, 7 / 32.0));
            assertThat(ledger.statement(BUDGET, START).bySkill()).containsOnlyKeys("");
            assertThat(ledger.learn("d-1", new Total(7, 7 / 32.0), START))
                    .as("which it knew")
                    .isFalse();
            ledger.charge(round(7, START), BUDGET, START);
            assertThatThrownBy(() -> ledger.charge(round(8, START), BUDGET, START))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
        }
    }

    @Test
    void oneThatWasSetBackLearnsWhatItForgot() throws Exception {
        Instant later = START.plus(DAY.multipliedBy(10));
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), BUDGET, START);
            assertThat(ledger.learn("d-1", new Total(5, 5 / 32.0), later)).isTrue();
            assertThat(ledger.learn("d-1", new Total(5, 5 / 32.0), later)).isFalse();
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.learn("d-1", new Total(5, 5 / 32.0), later)).isFalse();
            assertThat(ledger.ever()).isEqualTo(new Total(5, 5 / 32.0));
            assertThat(spent(ledger, later).participationsLeft(new Charge(4))).isEqualTo(3);
            Instant half = START.plus(BUDGET.period());
            assertThat(spent(ledger, half).inPeriod().participations())
                    .as("counts from when it was learned")
                    .isEqualTo(4);
        }
    }

    @Test
    void whatAnAggregatorSaysMakesNothingLess() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), BUDGET, START);
            ledger.charge(round(2, START), BUDGET, START);
            Total before = ledger.ever();
            for (Total lie : List.of(Total.NOTHING, new Total(1, 1 / 32.0), new Total(2, 0), new Total(0, 2 / 32.0))) {
                assertThat(ledger.learn("d-1", lie, START)).isFalse();
                assertThat(ledger.ever()).isEqualTo(before);
            }
        }
    }

    /** Of each aggregator's rounds only those that it counts are compared: others' do not hide what is missing. */
    @Test
    void eachAggregatorIsComparedWithItsOwnRounds() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge(new Spending("r1", "lights", "d-1", new Charge(4), START), BUDGET, START);
            ledger.charge(new Spending("r2", "words", "d-2", new Charge(4), START), BUDGET, START);
            assertThat(ledger.learn("d-2", new Total(2, 2 / 32.0), START)).isTrue();
            assertThat(ledger.ever()).isEqualTo(new Total(3, 3 / 32.0));
        }
    }

    @Test
    void aLieOfAnySizeStaysAnAccount() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), BUDGET, START);
            ledger.learn("d-1", new Total(Long.MAX_VALUE, Double.POSITIVE_INFINITY), START);
            ledger.learn("d-2", new Total(Long.MAX_VALUE, Double.MAX_VALUE), START);
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.ever()).isEqualTo(new Total(Long.MAX_VALUE, Double.POSITIVE_INFINITY));
            assertThat(chargeAll(ledger, 4, START)).isZero();
            assertThat(chargeAll(ledger, 4, START.plus(BUDGET.period())))
                    .as("a period later")
                    .isEqualTo(8);
        }
    }

    @Test
    void aSharedLedgerIsOpenOnce() throws Exception {
        try (Ledger first = Ledger.openShared(home.resolve("shared"), KeyVault.inHome())) {
            assertThatThrownBy(this::openSharedAgain).isInstanceOf(HomeInUseException.class);
            first.charge(round(1, START), BUDGET, START);
        }
        try (Ledger again = Ledger.openShared(home.resolve("shared"), KeyVault.inHome())) {
            assertThat(again.ever().participations()).isEqualTo(1);
        }
    }

    @Test
    void aDamagedLedgerIsRefusedRatherThanForgotten() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), BUDGET, START);
            ledger.charge(round(2, START), BUDGET, START);
        }
        Path file = home.resolve("ledger");
        byte[] bytes = Files.readAllBytes(file);
        bytes[20]++;
        Files.write(file, bytes);
        assertThatThrownBy(() -> {
                    try (Ledger ledger = open()) {
                        assertThat(ledger).isNull();
                    }
                })
                .isInstanceOf(StoreBrokenException.class);
    }

    /** A crash while the second charge is written: the first is there, and the second never let anything leave. */
    @Test
    void whereverAChargeIsTornTheOnesBeforeItStay() throws Exception {
        Path file = home.resolve("ledger");
        try (Ledger ledger = open()) {
            ledger.charge(round(1, START), BUDGET, START);
            int first = (int) Files.size(file);
            ledger.charge(round(2, START), BUDGET, START);
            byte[] whole = Files.readAllBytes(file);
            for (int end = first; end < whole.length; end++) {
                Path torn = Files.createDirectory(home.resolve("torn-" + end));
                Files.write(torn.resolve("ledger"), java.util.Arrays.copyOf(whole, end));
                try (Ledger after = Ledger.open(torn, TestKeys.STORAGE)) {
                    assertThat(after.ever().participations()).isEqualTo(1);
                    assertThat(after.hasCharged("round-2")).isFalse();
                    after.charge(round(2, START), BUDGET, START);
                }
            }
        }
    }

    private void openSharedAgain() throws IOException {
        try (Ledger ledger = Ledger.openShared(home.resolve("shared"), KeyVault.inHome())) {
            assertThat(ledger).isNull();
        }
    }

    @MustBeClosed
    private Ledger open() throws IOException {
        return Ledger.open(home, TestKeys.STORAGE);
    }

    private static Spending round(int number, Instant opened) {
        return round(number, 4, opened);
    }

    private static Spending round(int number, double multiplier, Instant opened) {
        return new Spending("round-" + number, "lights", "d-1", new Charge(multiplier), opened);
    }

    private static Statement spent(Ledger ledger, Instant now) {
        return ledger.statement(BUDGET, now).together();
    }

    /** Charges rounds until one is refused; says how many went in. */
    private static int chargeAll(Ledger ledger, double multiplier, Instant now) throws Exception {
        for (int i = 0; i < 1000; i++) {
            String roundId = "r-" + now.toEpochMilli() + "-" + multiplier + "-" + i;
            try {
                ledger.charge(new Spending(roundId, "lights", "d-1", new Charge(multiplier), now), BUDGET, now);
            } catch (LedgerRefusedException.OverBudget e) {
                return i;
            }
        }
        throw new AssertionError("no end");
    }

    /** What the records say is spent, or they are refused; a charge is never lost on the way. */
    @FuzzTest
    void anyRecordsAreALedgerOrRefused(byte @NotNull [] first, byte @NotNull [] second) throws IOException {
        Path file = home.resolve("ledger");
        try (Journal journal = Journal.open(file, 1024, TestKeys.STORAGE)) {
            for (byte[] record : List.of(first, second)) {
                if (record.length > 0 && record.length <= 1024) {
                    journal.append(List.of(record));
                }
            }
        }
        try (Ledger ledger = open()) {
            Statement statement = spent(ledger, START);
            assertThat(statement.inPeriod().rho())
                    .isLessThanOrEqualTo(statement.ever().rho());
            assertThat(statement.epsilonEver()).isGreaterThanOrEqualTo(0);
        } catch (StoreBrokenException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        } finally {
            Files.delete(file);
        }
    }
}
