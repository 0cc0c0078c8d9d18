package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.privacy.PrivacyLedger;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final double DELTA = 1e-8;
    private static final double EPSILON_MAX = 8;
    private static final Charge CHARGE = new Charge(4);

    @TempDir
    Path home;

    @Test
    void aRoundIsChargedOnceEvenAfterARestart() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge("round-1", CHARGE, Instant.EPOCH, EPSILON_MAX);
            assertThatThrownBy(() -> ledger.charge("round-1", CHARGE, Instant.EPOCH, EPSILON_MAX))
                    .isInstanceOf(LedgerRefusedException.AlreadyCharged.class);
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.hasCharged("round-1")).isTrue();
            assertThatThrownBy(() -> ledger.charge("round-1", CHARGE, Instant.EPOCH, EPSILON_MAX))
                    .isInstanceOf(LedgerRefusedException.AlreadyCharged.class);
            assertThat(ledger.participations()).isEqualTo(1);
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

    @Test
    void itSpendsUpToTheBudgetAndNotOneRoundMore() throws Exception {
        int rounds = 0;
        try (Ledger ledger = open()) {
            LedgerRefusedException refused = null;
            while (refused == null && rounds < 1000) {
                try {
                    ledger.charge("round-" + rounds, CHARGE, Instant.EPOCH, EPSILON_MAX);
                    rounds++;
                } catch (LedgerRefusedException e) {
                    refused = e;
                }
            }
            assertThat(refused).isInstanceOf(LedgerRefusedException.OverBudget.class);
            assertThat(ledger.epsilonSpent()).isLessThanOrEqualTo(EPSILON_MAX);
            assertThat(ledger.epsilonSpent()).isEqualTo(epsilon(rounds));
            assertThat(epsilon(rounds + 1)).isGreaterThan(EPSILON_MAX);
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.participations()).isEqualTo(rounds);
            assertThatThrownBy(() -> ledger.affords(CHARGE, EPSILON_MAX))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
        }
    }

    @Test
    void aRoundWithoutNoiseFitsNoBudget() throws Exception {
        try (Ledger ledger = open()) {
            assertThatThrownBy(() -> ledger.charge("round-1", new Charge(0), Instant.EPOCH, EPSILON_MAX))
                    .isInstanceOf(LedgerRefusedException.OverBudget.class);
        }
    }

    @Test
    void aDamagedLedgerIsRefusedRatherThanForgotten() throws Exception {
        try (Ledger ledger = open()) {
            ledger.charge("round-1", CHARGE, Instant.EPOCH, EPSILON_MAX);
            ledger.charge("round-2", CHARGE, Instant.EPOCH, EPSILON_MAX);
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

    @MustBeClosed
    private Ledger open() throws IOException {
        return Ledger.open(home.resolve("ledger"), DELTA);
    }

    private static double epsilon(int rounds) {
        return PrivacyLedger.epsilonAfter(Collections.nCopies(rounds, CHARGE), DELTA);
    }

    /** What the records say is spent, or they are refused; a charge is never lost on the way. */
    @FuzzTest
    void anyRecordsAreALedgerOrRefused(byte @NotNull [] first, byte @NotNull [] second) throws IOException {
        Path file = home.resolve("fuzzed");
        try (Journal journal = Journal.open(file, 1024)) {
            for (byte[] record : List.of(first, second)) {
                if (record.length > 0 && record.length <= 1024) {
                    journal.append(List.of(record));
                }
            }
        }
        try (Ledger ledger = Ledger.open(file, DELTA)) {
            assertThat(ledger.epsilonSpent() > 0).isEqualTo(ledger.participations() > 0);
        } catch (StoreBrokenException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        } finally {
            Files.delete(file);
        }
    }
}
